"""A realm of Keycloak, or of whatever speaks as it does, through python-keycloak."""

import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

from keycloak import KeycloakOpenID
from keycloak.connection import ConnectionManager
from keycloak.exceptions import KeycloakConnectionError, KeycloakError
from keycloak.pkce_utils import generate_code_challenge

from app.integrations.errors import Refused, TryAgain
from app.integrations.identity.checks import read_id_token, read_logout_claims, verified
from app.integrations.identity.interface import LoggedOut, SignedIn, Tokens
from app.integrations.identity.keys import RealmKeys

log = logging.getLogger(__name__)

_SECONDS = 5  # to connect, and between two bytes of an answer
_LONGEST_TOKEN = 64 * 1024


class KeycloakIdentity:
    """One realm and the platform's client there. Safe to share by threads."""

    def __init__(
        self,
        realm_url: str,
        client_id: str,
        client_secret: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = realm_url
        self._client_id = client_id
        server, _, realm = realm_url.rpartition("/realms/")
        self._openid = KeycloakOpenID(
            server_url=f"{server}/",
            realm_name=realm,
            client_id=client_id,
            client_secret_key=client_secret,
            timeout=_SECONDS,
        )
        self._openid.connection = self._connection = _Connection(f"{server}/")
        self._keys = RealmKeys(lambda: self._ask(self._openid.certs), clock)

    def __repr__(self) -> str:
        return f"KeycloakIdentity({self._issuer!r}, {self._client_id!r})"

    @property
    def issuer(self) -> str:
        return self._issuer

    def begin(
        self,
        redirect_uri: str,
        scope: str,
        *,
        state: str,
        nonce: str,
        code_verifier: str,
        language: str,
        acr: str | None = None,
        max_age: int | None = None,
        prompt: str | None = None,
    ) -> str:
        """See IdentityProvider."""
        # Asked each time: it shows that somebody is there, and that they call themselves what we call them.
        if self._ask(self._openid.well_known).get("issuer") != self._issuer:
            log.error("the realm at %s calls itself something else", self._issuer)
            raise TryAgain("issuer", "the realm's own name is not the one in the settings")
        challenge, method = generate_code_challenge(code_verifier)
        # It puts what it is given into the address as it is.
        address: str = self._ask(
            lambda: self._openid.auth_url(
                quote(redirect_uri, safe=""),
                quote(scope, safe=""),
                state=quote(state, safe=""),
                nonce=quote(nonce, safe=""),
                code_challenge=challenge,
                code_challenge_method=method,
            )
        )
        more = {"ui_locales": language, "acr_values": acr, "max_age": max_age, "prompt": prompt}
        return address + "&" + urlencode({name: value for name, value in more.items() if value is not None})

    def finish(self, code: str, redirect_uri: str, nonce: str, code_verifier: str, now: datetime) -> SignedIn:
        """See IdentityProvider."""
        answer = self._ask(
            lambda: self._openid.token(
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                code_verifier=code_verifier,
            ),
            invalid_grant="code",
        )
        return self._signed_in(answer, nonce, now)

    def refresh(self, refresh_token: str, now: datetime) -> SignedIn:
        """See IdentityProvider."""
        answer = self._ask(lambda: self._openid.refresh_token(refresh_token), invalid_grant="session_ended")
        return self._signed_in(answer, None, now)

    def end_session_url(self, id_token: str | None, post_logout_redirect: str) -> str:
        """See IdentityProvider."""
        query = {"client_id": self._client_id, "post_logout_redirect_uri": post_logout_redirect}
        if id_token is not None:
            query["id_token_hint"] = id_token
        return f"{self._issuer}/protocol/openid-connect/logout?{urlencode(query)}"

    def end_session(self, refresh_token: str) -> None:
        """See IdentityProvider."""
        self._ask(lambda: self._openid.logout(refresh_token), invalid_grant="session_ended")

    def read_logout_token(self, token: str, now: datetime) -> LoggedOut:
        """See IdentityProvider."""
        return read_logout_claims(verified(token, self._keys.get), self._issuer, self._client_id, now)

    def close(self) -> None:
        """Drop kept connections."""
        self._connection.close()

    def _signed_in(self, answer: dict[str, Any], nonce: str | None, now: datetime) -> SignedIn:
        id_token = _token(answer, "id_token")
        claims = read_id_token(verified(id_token, self._keys.get), self._issuer, self._client_id, nonce, now)
        access_expires_at = _ends(answer, "expires_in", now)
        if access_expires_at is None or str(answer.get("token_type", "")).lower() != "bearer":
            raise TryAgain("unreadable", "no bearer token that ends")
        return SignedIn(
            claims,
            Tokens(
                access_token=_token(answer, "access_token"),
                refresh_token=_token(answer, "refresh_token") if answer.get("refresh_token") else None,
                id_token=id_token,
                access_expires_at=access_expires_at,
                refresh_expires_at=_ends(answer, "refresh_expires_in", now),
                scope=str(answer.get("scope", "")),
            ),
        )

    def _ask(self, call: Callable[[], Any], invalid_grant: str = "") -> Any:
        """One call, a log line about it, and what its failure means."""
        began = time.monotonic()
        outcome = "answered"
        try:
            return call()
        except KeycloakError as error:
            outcome = f"{error.response_code or 'no answer'}"
            self._explain(error, invalid_grant)
        except (TypeError, KeyError, ValueError) as error:
            # Its message may quote the answer, and so a token.
            outcome = "unreadable"
            raise TryAgain("unreadable", type(error).__name__) from None
        finally:
            took = round((time.monotonic() - began) * 1000, 1)
            log.info("identity provider %s: %s in %d ms", self._issuer, outcome, took)

    def _explain(self, error: KeycloakError, invalid_grant: str) -> NoReturn:
        status = error.response_code
        if isinstance(error, KeycloakConnectionError) or status is None:
            raise TryAgain("identity_unavailable", type(error.__cause__).__name__) from None
        if status == 429 or status >= 500:
            raise TryAgain("identity_unavailable", str(status)) from None
        word = _error_word(error.response_body)
        if word == "invalid_grant" and invalid_grant:
            raise Refused(invalid_grant, word) from None
        # A wrong secret or a client that is not set up: it heals only when somebody corrects the settings.
        log.error("the realm at %s refuses the platform's client (%d %s)", self._issuer, status, word)
        raise TryAgain("client_refused", word) from None


class _Connection(ConnectionManager):
    """python-keycloak's connection, which follows no redirect, tries nothing twice and trusts no proxy of the machine."""

    def __init__(self, base_url: str) -> None:
        # A code or a refresh token works once: a second try would only find it used. The header stands here
        # because the library would set it for each call, on a dictionary that all threads share.
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        super().__init__(base_url, headers=headers, timeout=_SECONDS, max_retries=0)
        self._s.trust_env = False
        self._s.max_redirects = 0

    def close(self) -> None:
        """Drop kept connections."""
        self._s.close()


def _error_word(body: bytes | None) -> str:
    """The `error` of an OAuth refusal; only a word, as the rest may quote what was sent."""
    with suppress(ValueError, AttributeError):
        word = json.loads(body or b"").get("error")
        if isinstance(word, str) and word.replace("_", "").isalpha() and len(word) < 50:
            return word
    return "unknown"


def _token(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value.isascii() or not 0 < len(value) <= _LONGEST_TOKEN:
        raise TryAgain("unreadable", f"no {name}")
    return value


def _ends(answer: dict[str, Any], name: str, now: datetime) -> datetime | None:
    """When something ends that lasts so many seconds; None for 0, which says that it does not."""
    seconds = answer.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds < 10**9:
        return None
    return now.astimezone(UTC) + timedelta(seconds=seconds)
