"""People and sign-ins for tests, made by the acts themselves."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from app.domain.people.hashes import new_token
from app.domain.people.models import Realm, SignIn
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
