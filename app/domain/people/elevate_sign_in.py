"""A person who is signed in has proved it again, with a second factor."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.domain.audit.record import Event, record
from app.domain.people.hashes import token_hash
from app.domain.people.lifetimes import why_over
from app.domain.people.models import SignIn
from app.domain.people.sealed_tokens import SealedTokens, put_tokens
from app.integrations.identity.interface import Claims

SECOND_FACTOR = "2"
_JUST_NOW = timedelta(seconds=60)
_LEEWAY = timedelta(seconds=5)


class ElevationRefused(Exception):
    """`code`: over (the sign-in has ended), person (somebody else came back), acr (one factor only), stale."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def elevate_sign_in(
    session: Session, sign_in_id: UUID, claims: Claims, tokens: SealedTokens, now: datetime, *, token: str
) -> SignIn:
    """The same sign-in under a new cookie `token`, with the fresh proof. ElevationRefused."""
    sign_in = session.scalar(
        select(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
        .options(joinedload(SignIn.person))
        .with_for_update(of=SignIn)
    )
    if sign_in is None or why_over(sign_in, now) is not None:
        raise ElevationRefused("over")
    if (sign_in.person.issuer, sign_in.person.subject) != (claims.issuer, claims.subject):
        raise ElevationRefused("person")
    if claims.acr != SECOND_FACTOR:
        raise ElevationRefused("acr")
    if now - claims.auth_time > _JUST_NOW + _LEEWAY:
        raise ElevationRefused("stale")
    sign_in.token_hash = token_hash(token)
    sign_in.sid = claims.sid
    sign_in.acr = claims.acr
    sign_in.auth_time = claims.auth_time
    sign_in.roles = sorted(claims.roles)
    sign_in.accounts = list(claims.accounts)
    sign_in.last_used_at = now
    put_tokens(sign_in, tokens)
    record(session, Event.ELEVATED, "person", sign_in.person_id, now, realm=sign_in.realm.value)
    return sign_in
