"""The registry over HTTP for an account's representative, each call with that person's own access token."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC

import httpx

from app.integrations.errors import Refused
from app.integrations.http import HttpClient, Response
from app.integrations.registry.fields import Json
from app.integrations.registry.interface import Account, Block, Mandate, MandateRequest
from app.integrations.registry.pages import follow_pages, id_in_path, read_answer, read_items
from app.integrations.registry.problems import problem_error
from app.integrations.registry.reading import read_account, read_block, read_mandate

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")  # RFC 6750, section 2.1


class HttpDelegatedRegistry:
    """`DelegatedRegistry` over HTTP. It holds no token, the platform's own least of all. Safe to share by threads.

    `connect` and `read` are seconds; `page_size` is how many items a list is asked for at a time.
    """

    def __init__(
        self,
        base_url: str,
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
        self._page_size = page_size

    def __repr__(self) -> str:
        return f"HttpDelegatedRegistry({self._http!r})"

    def accounts(self, token: str) -> list[Account]:
        """See `DelegatedRegistry`."""
        return read_items(self._call(token, "GET", "/v1/accounts"), read_account)

    def holdings(self, token: str, account_id: str) -> Iterator[Block]:
        """See `DelegatedRegistry`."""
        path = f"/v1/accounts/{id_in_path(account_id)}/holdings"
        pages = follow_pages(
            lambda params: self._call(token, "GET", path, params=params), {}, self._page_size
        )
        for page in pages:
            yield from read_items(page, read_block)

    def mandate(self, token: str, mandate_id: str) -> Mandate:
        """See `DelegatedRegistry`."""
        return self._mandate(token, "GET", mandate_id)

    def grant(self, token: str, request: MandateRequest, key: str) -> Mandate:
        """See `DelegatedRegistry`."""
        response = self._call(
            token,
            "POST",
            f"/v1/accounts/{id_in_path(request.account_id)}/mandates",
            headers={"Idempotency-Key": key},
            json=_body(request),
        )
        mandate = read_answer(response, read_mandate)
        asked = (request.account_id, request.block_id, request.quantity)
        if (mandate.account_id, mandate.block.block_id, mandate.quantity) != asked:
            raise response.unreadable("another mandate")
        return mandate

    def revoke(self, token: str, mandate_id: str) -> Mandate:
        """See `DelegatedRegistry`."""
        return self._mandate(token, "DELETE", mandate_id)

    def close(self) -> None:
        """Drop kept connections."""
        self._http.close()

    def _mandate(self, token: str, method: str, mandate_id: str) -> Mandate:
        response = self._call(token, method, f"/v1/mandates/{id_in_path(mandate_id)}")
        mandate = read_answer(response, read_mandate)
        if mandate.mandate_id != mandate_id:
            raise response.unreadable("another mandate")
        return mandate

    def _call(
        self,
        token: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: object | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Response:
        if not _TOKEN.fullmatch(token):
            raise ValueError("that is no bearer token")  # which is not said: it may be some other secret
        response = self._http.request(
            method,
            path,
            headers={**(headers or {}), "Authorization": f"Bearer {token}"},
            json=json,
            params=params,
        )
        if response.status == 401:
            # Unlike the platform's own token, this one can be renewed by nobody but the person.
            raise Refused("unauthenticated", "the registry does not take the person's token")
        if response.status >= 400:
            raise problem_error(response)
        return response


def _body(request: MandateRequest) -> Json:
    body: Json = {"block_id": request.block_id, "quantity": request.quantity}
    if request.expires_at is not None:
        if request.expires_at.tzinfo is None:
            raise ValueError("expires_at needs its zone")
        body["expires_at"] = request.expires_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return body
