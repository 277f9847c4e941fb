"""Answers of a registry as the contract writes them, and a registry made of prepared answers."""

from typing import Any

import httpx

from app.integrations.registry.client import HttpRegistry
from app.integrations.registry.interface import Beneficiary, CancellationRequest
from app.integrations.registry.tokens import ServiceTokens

Json = dict[str, Any]

BASE = "http://registry.test"
TOKEN_URL = "http://sign-in.test/realms/registry/token"
SECRET = "secret-of-the-client"

REQUEST = CancellationRequest(
    mandate_id="mandate-1",
    quantity=25,
    purpose="voluntary_contribution",
    client_reference="VC-7K3M-29QD-1",
    beneficiary=Beneficiary("organisation", "public", "Sample Bakery", "FR"),
    reason="Ovens of 2025",
)


def activity(**changes: Any) -> Json:
    return {
        "activity_ref": "A6.4-MW-001042",
        "title": "Sample cookstoves, Zomba",
        "summary": "Stoves.",
        "kind": "programme",
        "host_party": "MW",
        "sectoral_scopes": [3],
        "technology": "cookstoves",
        "methodologies": ["A6.4-AMM-002"],
        "participants": ["Sample Stoves Ltd"],
        "sdgs": [7, 13],
        "crediting_period": {"start": "2024-01-01", "end": "2028-12-31"},
        "documents": [{"title": "Design", "url": "https://registry.test/d/1"}],
        "status": "registered",
        "updated_at": "2026-11-01T10:00:00Z",
        **changes,
    }


def serial(start: int, end: int, **changes: Any) -> Json:
    printed = f"MW-64-{start}-{end}"
    count = end - start + 1
    return {
        "prefix": "MW-64",
        "start": start,
        "end": end,
        "count": count,
        "printed": printed,
        **changes,
    }


def block(**changes: Any) -> Json:
    return {
        "block_id": "block-1",
        "activity_ref": "A6.4-MW-001042",
        "issuance_ref": "MW-001042-I1",
        "monitoring_period": {"start": "2025-01-01", "end": "2025-12-31"},
        "vintage": 2025,
        "unit_class": "AER",
        "authorization": {
            "status": "authorized",
            "uses": ["IMP", "OP"],
            "reference": "Sample letter",
            "first_transfer": "use_or_cancellation",
        },
        "first_transferred_at": None,
        "serial": serial(1, 1000),
        "quantity_available": 900,
        "status": "active",
        **changes,
    }


def mandate(**changes: Any) -> Json:
    return {
        "mandate_id": "mandate-1",
        "account_id": "account-1",
        "block": block(),
        "quantity": 100,
        "quantity_remaining": 75,
        "status": "active",
        "expires_at": "2027-12-31T23:59:59+01:00",
        "granted_by": "Sample Person",
        "updated_at": "2026-11-02T10:00:00.123456Z",
        **changes,
    }


def cancellation(**changes: Any) -> Json:
    return {
        "cancellation_id": "cancellation-1",
        "client_reference": REQUEST.client_reference,
        "mandate_id": "mandate-1",
        "quantity": 25,
        "status": "completed",
        "serial_ranges": [serial(1, 10), serial(31, 45)],
        "completed_at": "2026-11-23T12:00:00Z",
        "attestation": {
            "reference": "ATT-1",
            "issued_at": "2026-11-23T12:00:00Z",
            "url": "https://registry.test/att/1",
        },
        "rejection": None,
        "updated_at": "2026-11-23T12:00:00Z",
        **changes,
    }


def page(*items: Json, next_cursor: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"items": list(items), "next_cursor": next_cursor})


def problem(status: int, code: str, **members: Any) -> httpx.Response:
    body = {"type": "about:blank", "title": code, "status": status, "code": code, **members}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def token(name: str = "token-1", **changes: Any) -> httpx.Response:
    return httpx.Response(
        200, json={"access_token": name, "token_type": "Bearer", "expires_in": 300, **changes}
    )


class Prepared:
    """Gives prepared answers (or raises prepared errors) in order, and keeps the requests."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def service_tokens(answers: Prepared, **options: Any) -> ServiceTokens:
    return ServiceTokens(TOKEN_URL, "vcp-service", SECRET, transport=httpx.MockTransport(answers), **options)


def registry(*answers: httpx.Response | Exception, **options: Any) -> tuple[HttpRegistry, Prepared]:
    """A client with tokens enough, and what it was answered and asked."""
    prepared = Prepared(*answers)
    tokens = service_tokens(Prepared(token("token-1"), token("token-2"), token("token-3")))
    return HttpRegistry(BASE, tokens, transport=httpx.MockTransport(prepared), **options), prepared
