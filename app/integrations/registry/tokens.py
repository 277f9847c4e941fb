"""The platform's own bearer token for the registry, by client credentials (RFC 6749, section 4.4)."""

import base64
import logging
import re
import threading
import time
from collections.abc import Callable
from urllib.parse import quote

import httpx

from app.integrations.errors import TryAgain
from app.integrations.http import HttpClient
from app.integrations.registry import fields

log = logging.getLogger(__name__)

SCOPES = "activities:read mandates:read cancellations:write cancellations:read"
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")  # RFC 6750, section 2.1


class ServiceTokens:
    """Fetches a token when one is needed and keeps it until shortly before it expires.

    Safe to share by threads. `clock` counts seconds and never goes back. Every failure is TryAgain:
    without a token nothing was asked of the registry.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        connect: float = 3.0,
        read: float = 10.0,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = HttpClient(
            "registry_sign_in", token_url, connect=connect, read=read, transport=transport
        )
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = 0.0

    def __repr__(self) -> str:
        return f"ServiceTokens({self._http!r}, {self._client_id!r})"

    def get(self) -> str:
        """A token that is good now. Other threads wait for the one that fetches it."""
        with self._lock:
            if not self._token or self._clock() >= self._good_until:
                self._fetch()
            return self._token

    def drop(self, token: str) -> None:
        """Forget `token`, which the registry refused; one that another thread fetched since is kept."""
        with self._lock:
            if self._token == token:
                self._token = ""

    def close(self) -> None:
        """Drop kept connections."""
        self._http.close()

    def _fetch(self) -> None:
        asked_at = self._clock()
        response = self._http.request(
            "POST",
            headers={"Authorization": self._basic()},
            data={"grant_type": "client_credentials", "scope": SCOPES},
            safe=True,
        )
        if response.status != 200:
            # Told apart in the log: it heals only when somebody corrects the settings.
            log.error("registry sign-in refuses the platform's client (%d)", response.status)
            raise TryAgain("token_refused", str(response.status))
        try:
            item = fields.as_object(response.json())
            token = fields.text(item, "access_token")
            lifetime = fields.absent_or(item, "expires_in", fields.whole, 60)
            if fields.text(item, "token_type").lower() != "bearer" or not _TOKEN.fullmatch(token):
                raise fields.Unreadable("not a bearer token")
        except fields.Unreadable as error:
            raise response.unreadable(str(error)) from error
        self._token = token
        self._good_until = asked_at + lifetime - min(30.0, lifetime / 10)

    def _basic(self) -> str:
        # RFC 6749, section 2.3.1: both are form-encoded before they become Basic credentials.
        pair = f"{quote(self._client_id, safe='')}:{quote(self._client_secret, safe='')}"
        return "Basic " + base64.b64encode(pair.encode()).decode()
