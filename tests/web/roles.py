"""Browsers at which somebody is signed in already, without an identity provider: for tests of what each may do.

person = sign_in(app, client, Realm.REGISTRY, roles=["provider"], accounts=["A6.4-ACC-1"])
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from flask import Flask

from app.domain.people.hashes import new_token, token_hash
from app.domain.people.models import Person, Realm, SignIn
from app.shells.works import Works
from tests.web.pages import Client

_COOKIES = {Realm.PUBLIC: "vcp-public", Realm.REGISTRY: "vcp-console"}


@dataclass(frozen=True)
class SignedIn:
    """Who was signed in, and their access token."""

    person_id: UUID
    sign_in_id: UUID
    token: str
    cookie: str


def sign_in(
    app: Flask,
    client: Client,
    realm: Realm,
    *,
    roles: Sequence[str] = (),
    accounts: Sequence[str] = (),
    acr: str = "1",
    age: timedelta = timedelta(minutes=1),
    token: str | None = None,
    name: str = "Sample Person",
    email: str | None = None,
) -> SignedIn:
    """Sign a new person in at this browser; `age` is how long ago they proved who they are."""
    works: Works = app.extensions["vcp_works"]
    now = datetime.now(UTC)
    cookie, token = new_token(), token or f"token-{uuid4().hex}"
    subject = str(uuid4())
    with works.sessions.begin() as session:
        person = Person(
            id=uuid4(),
            issuer=f"http://identity.test/realms/{realm.value}",
            subject=subject,
            realm=realm,
            email=email or f"{subject}@example.org",
            email_verified=True,
            name=name,
            created_at=now,
            last_signed_in_at=now,
        )
        row = SignIn(
            id=uuid4(),
            person=person,
            token_hash=token_hash(cookie),
            realm=realm,
            sid=f"sid-{subject}",
            roles=sorted(roles),
            accounts=list(accounts),
            acr=acr,
            auth_time=now - age,
            access_sealed=works.token_sealer.seal(token),
            refresh_sealed=works.token_sealer.seal(f"refresh-{token}"),
            id_token_sealed=works.token_sealer.seal(f"id-{token}"),
            access_expires_at=now + timedelta(minutes=5),
            began_at=now,
            last_used_at=now,
            ends_at=now + timedelta(hours=12),
        )
        session.add_all([person, row])
        made = SignedIn(person.id, row.id, token, cookie)
    client.inner.set_cookie(_COOKIES[realm], cookie)
    return made


def sign_in_provider(app: Flask, client: Client, *accounts: str, **options: object) -> SignedIn:
    """A provider's person, who represents these accounts."""
    return sign_in(app, client, Realm.REGISTRY, roles=["provider"], accounts=accounts, **options)  # type: ignore[arg-type]


def sign_in_administrator(
    app: Flask, client: Client, *, elevated: bool = True, **options: object
) -> SignedIn:
    """An administrator, whose second factor was given just now or ten minutes ago."""
    age = timedelta(minutes=1 if elevated else 10)
    return sign_in(
        app,
        client,
        Realm.REGISTRY,
        roles=["registry-administrator"],
        acr="2",
        age=age,
        **options,  # type: ignore[arg-type]
    )
