"""REST applications at PayPal, a provider's own or the platform's: their tokens, and calls made with them."""

import base64
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.integrations.errors import NeighbourError, TryAgain
from app.integrations.gateways.interface import PARTNER, PayeeAccount, PayeeProblem
from app.integrations.gateways.paypal.platform import Platform
from app.integrations.gateways.paypal.words import MODES, OWN_APP, error_of
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


@dataclass(frozen=True)
class _App:
    client_id: str
    secret: str = field(repr=False)
    is_ours: bool

    def refused(self, detail: str) -> NeighbourError:
        """PayPal does not take these credentials. If they are the platform's, no provider can do anything."""
        if self.is_ours:
            return TryAgain("platform_credentials_refused", detail)
        return PayeeProblem("credentials_refused", detail)


class PayPalClient:
    """Calls PayPal as any provider's own application, or as the platform's. Safe to share by threads."""

    def __init__(self, http: HttpClient, now: Callable[[], datetime], platform: Platform | None) -> None:
        self._http = http
        self._now = now
        self._platform = platform
        self._lock = threading.Lock()
        self._tokens: dict[tuple[str, str], tuple[str, datetime]] = {}

    def call(
        self,
        account: PayeeAccount,
        method: str,
        path: str,
        *,
        body: object | None = None,
        key: str | None = None,
        params: Mapping[str, str] | None = None,
        for_account: bool = True,
    ) -> Any:
        """The decoded answer, None where there is none. `key` goes out as PayPal-Request-Id.

        `for_account` false: the application asks about itself, in whatever mode the account is.
        Raises PayPalError for a refusal, PayeeProblem when the account's mode or keys do not open PayPal,
        TryAgain, OutcomeUnknown.
        """
        app = self._app(account)
        headers = {"Prefer": "return=representation"}
        if key is not None:
            headers["PayPal-Request-Id"] = key
        if for_account and app.is_ours:
            headers |= self.platform(account).headers_for(account)
        for last_try in (False, True):
            token, kept = self._token(app)
            response = self._http.request(
                method,
                path,
                headers=headers | {"Authorization": f"Bearer {token}"},
                json=body,
                params=params,
            )
            # A token covers only those who had agreed when it was issued, and others may have since.
            too_old = response.status == 403 and account.mode == PARTNER and kept and not last_try
            if response.status != 401 and not too_old:
                break
            # Nothing was done, so sending it once more with a fresh token is safe.
            self._drop(app, token)
            if last_try:
                raise app.refused(_issue(response))
        if response.status >= 400:
            raise PayPalError(_issue(response), response.status)
        return response.json() if response.body else None

    def platform(self, account: PayeeAccount) -> Platform:
        """The platform's application, to serve this account. PayeeProblem where it does not serve its mode."""
        if self._platform is None or account.mode not in self._platform.modes:
            raise PayeeProblem("mode_not_configured", account.mode)
        return self._platform

    def forget_token(self, account: PayeeAccount) -> None:
        """Have the next call fetch a token anew: somebody has just agreed, whom the kept one does not cover."""
        app = self._app(account)
        with self._lock:
            self._tokens.pop((app.client_id, app.secret), None)

    def _app(self, account: PayeeAccount) -> _App:
        if account.mode not in MODES:
            raise ValueError(f"PayPal accounts of mode {account.mode!r} are not supported")
        if account.mode == OWN_APP:
            return _App(account.client_id, account.secret, is_ours=False)
        platform = self.platform(account)
        return _App(platform.client_id, platform.secret, is_ours=True)

    def _token(self, app: _App) -> tuple[str, bool]:
        """A token, and whether it was kept from before."""
        # The secret is part of the name: a provider who changes it gets a new token at once.
        name = (app.client_id, app.secret)
        with self._lock:
            token, until = self._tokens.get(name, ("", self._now()))
        if token and self._now() < until:
            return token, True
        basic = base64.b64encode(f"{app.client_id}:{app.secret}".encode()).decode()
        response = self._http.request(
            "POST",
            "/v1/oauth2/token",
            headers={"Authorization": f"Basic {basic}"},
            data={"grant_type": "client_credentials"},
            safe=True,
        )
        if response.status >= 400:
            raise app.refused(str(response.status))
        answer = response.json()
        try:
            token = str(answer["access_token"])
            until = self._now() + timedelta(seconds=int(answer["expires_in"])) - _EARLY
        except (TypeError, KeyError, ValueError) as error:
            raise response.unreadable("no token") from error
        with self._lock:
            self._tokens[name] = (token, until)
        return token, False

    def _drop(self, app: _App, token: str) -> None:
        name = (app.client_id, app.secret)
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
