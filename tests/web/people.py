"""People who sign in, for tests of pages: through the whole flow, at an identity provider in memory.

ana = fakes.identity["public"] … or, in one line:
ana = sign_in(client, fakes)                                   # a buyer
pat = sign_in(client, fakes, "registry", make_person(roles={"provider"}, accounts=("MW-ACC-100017",)))
ada = sign_in(client, fakes, "registry", administrator(), acr="2")
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.integrations.identity.fake import FakeIdentity, FakePerson
from tests.web.pages import Client


class HasIdentity(Protocol):
    """Whatever holds the two realms: the `fakes` of these tests."""

    identity: dict[str, FakeIdentity]


def make_person(
    name: str = "Ana Sample", *, roles: Iterable[str] = (), accounts: tuple[str, ...] = (), **facts: Any
) -> FakePerson:
    """Somebody with an address of their own."""
    facts = {"email": f"person-{uuid4().hex[:8]}@example.org", **facts}
    return FakePerson(name=name, roles=frozenset(roles), accounts=accounts, **facts)


def administrator(name: str = "Vera Sample") -> FakePerson:
    """Somebody with the registry's administrator role."""
    return make_person(name, roles={"registry-administrator"})


def set_out(client: Client | FlaskClient, realm: str = "public", **query: str) -> str:
    """Begin to sign in. The address at the identity provider that the browser is sent to."""
    path = "/en/console/sign-in" if realm == "registry" else "/en/sign-in"
    answer = inner(client).get(path, query_string=query)
    assert answer.status_code == 303, answer.status
    return str(answer.location)


def come_back(client: Client | FlaskClient, address: str) -> TestResponse:
    """Open, in this browser, the address that the identity provider sent somebody to."""
    parts = urlsplit(address)
    return inner(client).get(f"{parts.path}?{parts.query}")


def sign_in(
    client: Client | FlaskClient,
    fakes: HasIdentity,
    realm: str = "public",
    person: FakePerson | None = None,
    *,
    acr: str = "1",
    at: datetime | None = None,
    **query: str,
) -> FakePerson:
    """Sign in in this browser, and say who it is. `query`: of the sign-in page (`next`)."""
    person = person or make_person()
    provider = fakes.identity[realm]
    back = provider.approve(set_out(client, realm, **query), person, at or datetime.now(UTC), acr=acr)
    answer = come_back(client, back)
    assert answer.status_code == 303, answer.status
    assert "not-done" not in answer.location, "the sign-in was refused"
    return person


def inner(client: Client | FlaskClient) -> FlaskClient:
    """Flask's own test client."""
    return client.inner if isinstance(client, Client) else client
