"""Who is signed in."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.domain.people.hashes import token_hash
from app.domain.people.models import Realm, SignIn


def sign_in_by_token(session: Session, realm: Realm, token: str) -> SignIn | None:
    """The sign-in of a cookie's token, with its person; it may have ended. None for a token that nobody has."""
    return session.scalar(
        select(SignIn)
        .where(SignIn.token_hash == token_hash(token), SignIn.realm == realm)
        .options(joinedload(SignIn.person))
    )


def sign_ins_under_way(session: Session, person_id: UUID) -> list[SignIn]:
    """Every browser in which a person is signed in, the one used last first."""
    return list(
        session.scalars(
            select(SignIn)
            .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
            .order_by(SignIn.last_used_at.desc(), SignIn.id)
        )
    )
