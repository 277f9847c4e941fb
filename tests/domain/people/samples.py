"""People and sign-ins for tests, made by the acts themselves."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from app.domain.people.account_models import Invitation, MemberRole, Membership, Organisation
from app.domain.people.create_organisation import create_organisation
from app.domain.people.hashes import new_token
from app.domain.people.invite_member import invite_member
from app.domain.people.lifetimes import ADMINISTRATOR
from app.domain.people.models import Person, Realm, SignIn
from app.domain.people.sealed_tokens import SealedTokens
from app.domain.people.sign_in_person import sign_in_person
from app.integrations.identity.interface import Claims
from tests.factories import NOW

CLAIMS = Claims(
    issuer="https://login.example.org/realms/public",
    subject="subject-1",
    sid="session-1",
    email="ana@example.org",
    email_verified=True,
    name="Ana Sample",
    locale="en",
    roles=frozenset(),
    accounts=(),
    acr="1",
    auth_time=NOW,
)


def claims(**changes: Any) -> Claims:
    """Somebody new, unless `changes` says who."""
    return replace(CLAIMS, **{"subject": uuid4().hex, "sid": uuid4().hex, **changes})


def sealed(now: datetime = NOW, mark: bytes = b"sealed") -> SealedTokens:
    """Tokens of five minutes that nobody can open."""
    return SealedTokens(mark + b"-access", mark + b"-refresh", mark + b"-id", now + timedelta(minutes=5))


def make_sign_in(
    session: Session, realm: Realm = Realm.PUBLIC, now: datetime = NOW, token: str = "", **changes: Any
) -> SignIn:
    """A new sign-in, flushed."""
    return sign_in_person(
        session,
        claims(**changes),
        sealed(now),
        now,
        realm=realm,
        token=token or new_token(),
        language="en",
    )


def make_buyer(session: Session, email: str = "", now: datetime = NOW, **changes: Any) -> Person:
    """Somebody who has signed in at the public realm."""
    email = email or f"{uuid4().hex[:10]}@example.org"
    return make_sign_in(session, now=now, email=email, **changes).person


def make_administrator(session: Session, email: str, now: datetime = NOW, **changes: Any) -> Person:
    """Somebody who has signed in at the registry's realm, as an administrator."""
    return make_sign_in(
        session, Realm.REGISTRY, now, email=email, roles=frozenset({ADMINISTRATOR}), **changes
    ).person


def make_organisation(
    session: Session, owner: Person, name: str = "Sample Bakery", **members: Person
) -> Organisation:
    """An organisation of this owner; `buyer=` and `viewer=` are further members."""
    organisation = create_organisation(session, owner.id, name, "FR", NOW)
    for role, person in members.items():
        session.add(
            Membership(
                organisation_id=organisation.id,
                person_id=person.id,
                role=MemberRole(role.rstrip("_123")),
                since=NOW,
            )
        )
    session.flush()
    return organisation


def invite(
    session: Session, organisation: Organisation, by: Person, email: str, role: str = "buyer", **changes: Any
) -> tuple[Invitation, str]:
    """An invitation and the token of its link."""
    token = new_token()
    values = {"language": "en", "now": NOW, "token_sealed": "sealed", **changes}
    made = invite_member(session, organisation.id, email, MemberRole(role), by=by.id, token=token, **values)
    return made, token
