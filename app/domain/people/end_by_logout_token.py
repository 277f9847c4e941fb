"""The identity provider says that a person has signed out there."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.people.end_sign_in import end_sign_in
from app.domain.people.models import EndedWhy, LogoutToken, Person, SignIn
from app.integrations.identity.interface import LoggedOut


def end_by_logout_token(session: Session, logged_out: LoggedOut, now: datetime) -> int:
    """End the sign-ins that it means: those of its session, or all of the person's. How many there were.

    The same token again ends nothing: somebody may have signed in since.
    """
    first = session.execute(
        insert(LogoutToken)
        .values(issuer=logged_out.issuer, jti=logged_out.jti, read_at=now)
        .on_conflict_do_nothing()
        .returning(LogoutToken.jti)
    ).one_or_none()
    if first is None:
        return 0
    meant = (
        select(SignIn.id)
        .join(Person, SignIn.person_id == Person.id)
        .where(Person.issuer == logged_out.issuer, SignIn.ended_at.is_(None))
        .order_by(SignIn.id)
    )
    if logged_out.sid is not None:
        meant = meant.where(SignIn.sid == logged_out.sid)
    if logged_out.subject is not None:
        meant = meant.where(Person.subject == logged_out.subject)
    return sum(
        end_sign_in(session, sign_in_id, EndedWhy.PROVIDER, now)
        for sign_in_id in session.scalars(meant).all()
    )
