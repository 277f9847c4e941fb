"""One provider's REST application at PayPal: its token, and calls made with it."""

import base64
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.integrations.errors import NeighbourError
from app.integrations.gateways.interface import PayeeAccount, PayeeProblem
from app.integrations.gateways.paypal.words import OWN_APP, error_of
from app.integrations.http import HttpClient, Response

# A token is dropped this long before PayPal would, so that it does not lapse on its way.
_EARLY = timedelta(minutes=5)


class PayPalError(NeighbourError):
    """A refusal in PayPal's own words, before it is put into ours. Never leaves this package."""

    def __init__(self, issue: str, status: int) -> None:
        super().__init__(issue, str(status))
        self.status = status

    def in_our_words(self) -> NeighbourError:
        """The typed error to raise to the caller."""
        return error_of(self.code, self.status)


class PayPalClient:
    """Calls PayPal as any provider's own application. Safe to share by threads."""

    def __init__(self, http: HttpClient, now: Callable[[], datetime]) -> None:
        self._http = http
        self._now = now
        self._lock = threading.Lock()
        self._tokens: dict[tuple[str, str], tuple[str, datetime]] = {}

    def call(
        self,
        account: PayeeAccount,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        key: str | None = None,
    ) -> Any:
        """The decoded answer. `key` goes out as PayPal-Request-Id.

        Raises PayPalError for a refusal, PayeeProblem when the provider's keys are not accepted, TryAgain,
        OutcomeUnknown.
        """
        if account.mode != OWN_APP:
            raise ValueError(f"PayPal accounts of mode {account.mode!r} are not supported")
        headers = {"Prefer": "return=representation"}
        if key is not None:
            headers["PayPal-Request-Id"] = key
        for last_try in (False, True):
            token = self._token(account)
            response = self._http.request(
                method, path, headers=headers | {"Authorization": f"Bearer {token}"}, json=body
            )
            if response.status != 401:
                break
            # Nothing was done, so sending it once more with a fresh token is safe.
            self._forget_token(account, token)
            if last_try:
                raise PayeeProblem("credentials_refused", _issue(response))
        if response.status >= 400:
            raise PayPalError(_issue(response), response.status)
        return response.json()

    def _token(self, account: PayeeAccount) -> str:
        # The secret is part of the name: a provider who changes it gets a new token at once.
        name = (account.client_id, account.secret)
        with self._lock:
            token, until = self._tokens.get(name, ("", self._now()))
        if token and self._now() < until:
            return token
        basic = base64.b64encode(f"{account.client_id}:{account.secret}".encode()).decode()
        response = self._http.request(
            "POST",
            "/v1/oauth2/token",
            headers={"Authorization": f"Basic {basic}"},
            data={"grant_type": "client_credentials"},
            safe=True,
        )
        if response.status >= 400:
            raise PayeeProblem("credentials_refused", str(response.status))
        answer = response.json()
        try:
            token = str(answer["access_token"])
            until = self._now() + timedelta(seconds=int(answer["expires_in"])) - _EARLY
        except (TypeError, KeyError, ValueError) as error:
            raise response.unreadable("no token") from error
        with self._lock:
            self._tokens[name] = (token, until)
        return token

    def _forget_token(self, account: PayeeAccount, token: str) -> None:
        name = (account.client_id, account.secret)
        with self._lock:
            # Another thread may have fetched a better one meanwhile.
            if self._tokens.get(name, ("",))[0] == token:
                del self._tokens[name]


def _issue(response: Response) -> str:
    """details[0].issue, else the error's name; unreadable answers are named after their status."""
    try:
        answer = response.json()
        issue = answer["details"][0]["issue"] if answer.get("details") else answer.get("name")
    except (NeighbourError, AttributeError, LookupError, TypeError):
        issue = None
    return (
        issue
        if isinstance(issue, str) and issue.isascii() and len(issue) < 100
        else f"HTTP_{response.status}"
    )
