"""The registry over HTTP. Words and fields: `contract/registry-api.yaml`."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeVar

import httpx

from app.integrations.http import HttpClient, Response
from app.integrations.registry.fields import Json
from app.integrations.registry.interface import (
    Activity,
    Cancellation,
    CancellationRequest,
    Health,
    Mandate,
)
from app.integrations.registry.pages import follow_pages, id_in_path, read_answer, read_items
from app.integrations.registry.problems import problem_error
from app.integrations.registry.reading import (
    read_activity,
    read_cancellation,
    read_health,
    read_mandate,
)
from app.integrations.registry.tokens import ServiceTokens

T = TypeVar("T")


class HttpRegistry:
    """`Registry` over HTTP with the platform's service token. Safe to share by threads.

    `connect` and `read` are seconds; `page_size` is how many items a list is asked for at a time.
    """

    def __init__(
        self,
        base_url: str,
        tokens: ServiceTokens,
        *,
        connect: float = 3.0,
        read: float = 10.0,
        page_size: int = 200,
        max_bytes: int = 10_000_000,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = HttpClient(
            "registry", base_url, connect=connect, read=read, max_bytes=max_bytes, transport=transport
        )
        self._tokens = tokens
        self._page_size = page_size

    def __repr__(self) -> str:
        return f"HttpRegistry({self._http!r})"

    def health(self) -> Health:
        """See `Registry`."""
        response = self._http.request("GET", "/v1/health")
        return read_answer(response, read_health)

    def activities(self, updated_since: datetime | None = None) -> Iterator[Activity]:
        """See `Registry`."""
        return self._pages("/v1/activities", read_activity, _since(updated_since))

    def mandates(self, updated_since: datetime | None = None) -> Iterator[Mandate]:
        """See `Registry`."""
        return self._pages("/v1/mandates", read_mandate, _since(updated_since))

    def mandate(self, mandate_id: str) -> Mandate:
        """See `Registry`."""
        response = self._call("GET", f"/v1/mandates/{id_in_path(mandate_id)}")
        mandate = read_answer(response, read_mandate)
        if mandate.mandate_id != mandate_id:
            raise response.unreadable("another mandate")
        return mandate

    def cancel(self, request: CancellationRequest, key: str) -> Cancellation:
        """See `Registry`."""
        response = self._call(
            "POST", "/v1/cancellations", headers={"Idempotency-Key": key}, json=_body(request)
        )
        cancellation = read_answer(response, read_cancellation)
        asked = (request.client_reference, request.mandate_id, request.quantity)
        if (cancellation.client_reference, cancellation.mandate_id, cancellation.quantity) != asked:
            raise response.unreadable("another cancellation")
        return cancellation

    def cancellation(self, cancellation_id: str) -> Cancellation:
        """See `Registry`."""
        response = self._call("GET", f"/v1/cancellations/{id_in_path(cancellation_id)}")
        cancellation = read_answer(response, read_cancellation)
        if cancellation.cancellation_id != cancellation_id:
            raise response.unreadable("another cancellation")
        return cancellation

    def cancellation_by_reference(self, client_reference: str) -> Cancellation | None:
        """See `Registry`."""
        found = None
        for page in self._responses("/v1/cancellations", {"client_reference": client_reference}):
            for cancellation in read_items(page, read_cancellation):
                # A registry that ignores the filter must not hand us somebody else's cancellation.
                if cancellation.client_reference != client_reference or found:
                    raise page.unreadable("not the one cancellation of the reference")
                found = cancellation
        return found

    def cancellations(self, updated_since: datetime | None = None) -> Iterator[Cancellation]:
        """See `Registry`."""
        return self._pages("/v1/cancellations", read_cancellation, _since(updated_since))

    def close(self) -> None:
        """Drop kept connections, those of the tokens too."""
        self._http.close()
        self._tokens.close()

    def _pages(self, path: str, read: Callable[[Json], T], params: Mapping[str, str]) -> Iterator[T]:
        for page in self._responses(path, params):
            yield from read_items(page, read)

    def _responses(self, path: str, params: Mapping[str, str]) -> Iterator[Response]:
        return follow_pages(lambda turned: self._call("GET", path, params=turned), params, self._page_size)

    def _call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: object | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Response:
        """One call with a token; a refused token is renewed once, and the call made again with it."""
        token = self._tokens.get()
        for last in (False, True):
            response = self._http.request(
                method,
                path,
                headers={**(headers or {}), "Authorization": f"Bearer {token}"},
                json=json,
                params=params,
            )
            if response.status != 401 or last:
                break
            self._tokens.drop(token)
            token = self._tokens.get()
        if response.status >= 400:
            raise problem_error(response)
        return response


def _since(moment: datetime | None) -> dict[str, str]:
    if moment is None:
        return {}
    if moment.tzinfo is None:
        raise ValueError("updated_since needs its zone")
    return {"updated_since": moment.astimezone(UTC).isoformat().replace("+00:00", "Z")}


def _body(request: CancellationRequest) -> Json:
    """The request as JSON. Fields that say nothing are left out."""
    beneficiary = request.beneficiary
    named = {"type": beneficiary.type, "disclosure": beneficiary.disclosure}
    # The registry never learns the name of who wants to stay anonymous, whatever the caller holds.
    if beneficiary.name is not None and beneficiary.disclosure == "public":
        named["name"] = beneficiary.name
    if beneficiary.country is not None:
        named["country"] = beneficiary.country
    body: Json = {
        "mandate_id": request.mandate_id,
        "quantity": request.quantity,
        "purpose": request.purpose,
        "client_reference": request.client_reference,
        "beneficiary": named,
    }
    if request.reason is not None:
        body["reason"] = request.reason
    return body
