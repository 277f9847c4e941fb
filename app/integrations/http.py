"""The one way out over HTTP: time-outs, a log line per call, and what a failure means.

Every failure leaves here as one of `app.integrations.errors`. Which one depends on whether doing it
twice could do harm: a `safe` call (GET, a token request) may always be tried again, any other call
that broke off after it was sent has an unknown outcome.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import httpx

from app.integrations import exchanges
from app.integrations.errors import OutcomeUnknown, TryAgain

log = logging.getLogger(__name__)

# The request never left: no connection was made.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Response:
    """A whole answer with a status below 500, other than 429 and redirects. Never printed with its body."""

    method: str
    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)
    safe: bool

    def json(self) -> Any:
        """The decoded body. An unreadable one is TryAgain on a safe call, else OutcomeUnknown."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:  # bad UTF-8 is a ValueError, too
            raise self.unreadable("not JSON") from error

    def unreadable(self, why: str) -> TryAgain | OutcomeUnknown:
        """The error to raise when the answer does not say what it must. `why` names no content."""
        kind = TryAgain if self.safe else OutcomeUnknown
        return kind("unreadable", f"{self.status} to {self.method}: {why}")


class HttpClient:
    """Talks to one origin and to no other; follows no redirect, trusts no proxy or netrc of the machine.

    `neighbour` is the word in logs and error codes. Seconds: `connect`, `read` (between two bytes) and
    `whole` (the answer altogether). `max_bytes` bounds the decoded answer. Safe to share by threads.
    """

    def __init__(
        self,
        neighbour: str,
        base_url: str,
        *,
        connect: float = 3.0,
        read: float = 10.0,
        whole: float = 30.0,
        max_bytes: int = 10_000_000,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.neighbour = neighbour
        self._base = httpx.URL(base_url.rstrip("/"))
        if self._base.scheme not in ("http", "https") or not self._base.host or self._base.userinfo:
            raise ValueError(f"the address of {neighbour} must be http(s)://host[:port][/path]")
        self._whole = whole
        self._max_bytes = max_bytes
        self._client = httpx.Client(
            timeout=httpx.Timeout(read, connect=connect),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
            headers={"Accept": "application/json", "User-Agent": "voluntary-cancellation-platform"},
        )

    def __repr__(self) -> str:
        return f"HttpClient({self.neighbour!r}, {str(self._base)!r})"

    def request(
        self,
        method: str,
        url: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        json: object | None = None,
        data: Mapping[str, str] | None = None,
        content: str | None = None,
        params: Mapping[str, str] | None = None,
        safe: bool | None = None,
    ) -> Response:
        """Send and read the whole answer. `url` is a path under the base address, or absolute there.

        `data` is sent as a form, `content` as it is. `safe` says that repeating does no harm (default: GET and HEAD only).
        Raises ValueError for another origin, TryAgain, OutcomeUnknown. 4xx answers are returned, save 429.
        """
        request = self._client.build_request(
            method, self._address(url), headers=headers, json=json, data=data, content=content, params=params
        )
        safe = method in ("GET", "HEAD") if safe is None else safe
        started = time.monotonic()
        outcome, problem = "failed", None
        response: Response | None = None
        try:
            response = self._exchange(request, safe, started)
            outcome = str(response.status)
            self._raise_for_trouble(response)
            return response
        except (TryAgain, OutcomeUnknown) as error:
            outcome, problem = f"{outcome} {error.code}", error.code
            raise
        finally:
            # The path alone: queries and headers can hold what no log may.
            took = round((time.monotonic() - started) * 1000, 1)
            log.info(
                "%s %s %s: %s in %d ms",
                self.neighbour,
                method,
                request.url.path,
                outcome,
                took,
                extra={"neighbour": self.neighbour, "ms": took},
            )
            exchanges.tell(
                self.neighbour,
                f"{method} {request.url.path}",
                response.status if response else None,
                problem,
                round(took),
                request.content,
                response.body if response else b"",
            )

    def close(self) -> None:
        """Drop kept connections."""
        self._client.close()

    def _address(self, url: str) -> httpx.URL:
        if "://" not in url:
            return httpx.URL(f"{self._base}{url}")
        address = httpx.URL(url)
        if _origin(address) != _origin(self._base) or address.userinfo:
            raise ValueError(f"{self.neighbour} is not called at {address.host}")
        return address

    def _exchange(self, request: httpx.Request, safe: bool, started: float) -> Response:
        try:
            response = self._client.send(request, stream=True)
            try:
                body = self._read(response, started)
            finally:
                response.close()
        except _NEVER_SENT as error:
            raise TryAgain(f"{self.neighbour}_unavailable", _kind(error)) from error
        except httpx.TimeoutException as error:
            self._broken_off("timeout", error, safe)
        except httpx.LocalProtocolError:
            raise  # we composed nonsense: a defect of ours, not of the neighbour
        except httpx.DecodingError as error:
            self._broken_off("unreadable", error, safe)
        except httpx.TransportError as error:
            self._broken_off("broken_connection", error, safe)
        return Response(request.method, response.status_code, response.headers, body, safe)

    def _read(self, response: httpx.Response, started: float) -> bytes:
        """The decoded body; bounded, so that no answer fills the memory or keeps us for ever."""
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._max_bytes:
                raise httpx.DecodingError("answer too large")
            if time.monotonic() - started >= self._whole:
                raise httpx.ReadTimeout("answer too slow")
        return bytes(body)

    def _broken_off(self, code: str, error: Exception, safe: bool) -> NoReturn:
        raise (TryAgain if safe else OutcomeUnknown)(code, _kind(error)) from error

    def _raise_for_trouble(self, response: Response) -> None:
        asked_to_wait = "Retry-After" in response.headers
        if response.status == 429:
            raise TryAgain("rate_limited", "429", _seconds(response.headers))
        if response.status == 503 and (asked_to_wait or response.safe):
            raise TryAgain(f"{self.neighbour}_unavailable", "503", _seconds(response.headers))
        if response.status >= 500:
            kind = TryAgain if response.safe else OutcomeUnknown
            if response.headers.get("Idempotent-Replayed") == "true":
                # An old failure, remembered under the idempotency key: this call itself did nothing.
                raise kind("failure_replayed", str(response.status))
            raise kind("server_error", str(response.status))
        if response.status < 200 or 300 <= response.status < 400:
            raise response.unreadable("a redirect is not followed")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port  # httpx drops the scheme's own port


def _kind(error: Exception) -> str:
    """What went wrong without the library's text, which may quote the neighbour's."""
    return type(error).__name__


def _seconds(headers: httpx.Headers) -> float | None:
    """Retry-After in seconds; None for a date or nonsense (contracts here say seconds)."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
