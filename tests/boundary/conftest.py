"""The registry's door, once with tokens of the sandbox's identity provider and once with the real Keycloak's."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.integrations.registry.client import HttpRegistry
from app.integrations.registry.delegated_client import HttpDelegatedRegistry
from tests.boundary.issuers import Issuer, KeycloakIssuer, SandboxIssuer
from tests.neighbours import Program, start_identity, start_registry


class OneToken:
    """Gives the client one token, and no other when that is refused."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get(self) -> str:
        return self._token

    def drop(self, token: str) -> None:
        """There is no other."""

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Door:
    """A seeded registry that trusts one issuer, and tokens of that issuer."""

    issuer: Issuer
    program: Program
    closing: ExitStack
    _kept: dict[tuple[str, ...], str] = field(default_factory=dict)

    def token(self, kind: str, *accounts: str) -> str:
        """A token of a kind, made once for all tests."""
        if (kind, *accounts) not in self._kept:
            self._kept[kind, *accounts] = getattr(self.issuer, kind)(*accounts)
        return self._kept[kind, *accounts]

    def ask(self, method: str, path: str, token: str | None, body: Any = None) -> httpx.Response:
        """One request, as anybody can send it."""
        headers = {"Idempotency-Key": uuid4().hex}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return httpx.request(
            method, self.program.url + path, headers=headers, json=body, timeout=60, trust_env=False
        )

    def code(self, method: str, path: str, token: str | None, body: Any = None) -> tuple[int, str]:
        """Status and problem code of the answer; "" where it is no problem."""
        answer = self.ask(method, path, token, body)
        problem = answer.headers.get("Content-Type", "").startswith("application/problem+json")
        return answer.status_code, answer.json()["code"] if problem else ""

    @cached_property
    def accounts(self) -> list[str]:
        """Two accounts of the seed with mandates."""
        return sorted({each["account_id"] for each in self._mandates})[:2]

    @cached_property
    def _mandates(self) -> list[dict[str, Any]]:
        answer = self.ask("GET", "/v1/mandates?limit=500", self.token("service")).raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def mandate_of(self, account_id: str) -> dict[str, Any]:
        """An active mandate over units that may be cancelled voluntarily."""
        return next(
            each
            for each in self._mandates
            if each["account_id"] == account_id
            and each["status"] == "active"
            and each["quantity_remaining"] > 100
            and "OP" in each["block"]["authorization"]["uses"]
            and each["block"]["status"] == "active"
        )

    @cached_property
    def platform(self) -> HttpRegistry:
        """The platform's own client."""
        return self.platform_with(self.token("service"))

    @cached_property
    def delegated(self) -> HttpDelegatedRegistry:
        """The client for persons' own tokens."""
        client = HttpDelegatedRegistry(self.program.url, read=60)
        self.closing.callback(client.close)
        return client

    def platform_with(self, token: str) -> HttpRegistry:
        """The platform's client with some token in the place of its own."""
        client = HttpRegistry(self.program.url, OneToken(token), read=60)  # type: ignore[arg-type]
        self.closing.callback(client.close)
        return client


def open_door(folder: Path, issuer: Issuer) -> Iterator[Door]:
    named = Program(url="", log=folder / "none", process=None, names={"issuer": issuer.issuer})  # type: ignore[arg-type]
    with start_registry(folder / "registry", named) as program, ExitStack() as closing:
        yield Door(issuer, program, closing)


@pytest.fixture(scope="session")
def sandbox_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("sandbox-door")
    with start_identity(folder / "identity") as identity:
        yield from open_door(folder, SandboxIssuer(identity))


@pytest.fixture(scope="session")
def keycloak_door(keycloak: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    yield from open_door(tmp_path_factory.mktemp("keycloak-door"), KeycloakIssuer(keycloak))


@pytest.fixture(params=["sandbox", "keycloak"])
def door(request: pytest.FixtureRequest) -> Door:
    """Each test of this folder that asks for it runs with both."""
    found: Door = request.getfixturevalue(f"{request.param}_door")
    return found
