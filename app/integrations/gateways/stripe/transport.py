"""The way out of Stripe's library: our own, with its bounds, its log and its errors."""

from collections.abc import Mapping
from typing import Any

import stripe

from app.integrations.http import HttpClient

# What the library says beyond that tells of this machine, or of how quick the last answer was.
_SENT = frozenset({"authorization", "content-type", "idempotency-key", "stripe-account", "stripe-version"})

# Otherwise it keeps a file with an id of this installation.
stripe.enable_telemetry = False


class Transport(stripe.HTTPClient):
    """Sends what the library composes. TryAgain and OutcomeUnknown leave it as they are."""

    name = "httpx"

    def __init__(self, http: HttpClient) -> None:
        super().__init__()
        self._http = http

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """See `stripe.HTTPClient`. What is no UTF-8 is no JSON either, which the library then says."""
        sent = {name: value for name, value in (headers or {}).items() if name.lower() in _SENT}
        response = self._http.request(method.upper(), url, headers=sent, content=post_data)
        return response.body.decode(errors="replace"), response.status, response.headers

    def close(self) -> None:
        """Drop kept connections."""
        self._http.close()
