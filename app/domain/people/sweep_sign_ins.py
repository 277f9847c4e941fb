"""What nobody will come back to."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from app.domain.people.end_sign_in import end_sign_in
from app.domain.people.lifetimes import why_over
from app.domain.people.models import LogoutToken, SignIn, SignInAttempt

_KEPT = timedelta(days=1)


def sweep_sign_ins(session: Session, now: datetime) -> int:
    """End the sign-ins whose time is over, so that no token outlives its use; forget old attempts. How many ended."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.created_at < now - _KEPT))
    # A logout token is good for minutes; a day later its issuer's signature is too old anyway.
    session.execute(delete(LogoutToken).where(LogoutToken.read_at < now - _KEPT))
    ended = 0
    query = select(SignIn).where(SignIn.ended_at.is_(None)).options(joinedload(SignIn.person))
    for sign_in in session.scalars(query.order_by(SignIn.id)).all():
        why = why_over(sign_in, now)
        if why is not None:
            ended += end_sign_in(session, sign_in.id, why, now)
    return ended
