"""What nobody will come back to."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, joinedload

from app.domain.people.end_sign_in import end_sign_in
from app.domain.people.lifetimes import why_over
from app.domain.people.models import LogoutToken, Realm, SignIn, SignInAttempt

_KEPT = timedelta(days=1)
_KEPT_SIGN_INS = timedelta(days=30)  # so that a person can still see where they were signed in


def sweep_sign_ins(session: Session, now: datetime) -> int:
    """End the sign-ins whose time is over, so that no token outlives its use; forget what is old. How many ended."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.created_at < now - _KEPT))
    # A logout token is good for minutes; a day later its issuer's signature is too old anyway.
    session.execute(delete(LogoutToken).where(LogoutToken.read_at < now - _KEPT))
    session.execute(delete(SignIn).where(SignIn.ended_at < now - _KEPT_SIGN_INS))
    ended = 0
    # At the public realm idle and absolute lifetime are the same.
    may_be_over = or_(SignIn.ends_at <= now, SignIn.realm == Realm.REGISTRY)
    query = select(SignIn).where(SignIn.ended_at.is_(None), may_be_over).options(joinedload(SignIn.person))
    for sign_in in session.scalars(query.order_by(SignIn.id)).all():
        why = why_over(sign_in, now)
        if why is not None:
            ended += end_sign_in(session, sign_in.id, why, now)
    return ended
