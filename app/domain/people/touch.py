"""A sign-in is used."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.people.models import SignIn

_ONCE_A = timedelta(minutes=1)


def touch(session: Session, sign_in: SignIn, now: datetime) -> None:
    """Note when it was last used, to the minute: a page that is only read writes nothing most of the time."""
    if now - sign_in.last_used_at < _ONCE_A:
        return
    # Whoever holds the row (a refresh, that waits for the identity provider) uses the sign-in, too.
    row = session.scalar(
        select(SignIn).where(SignIn.id == sign_in.id).with_for_update(skip_locked=True, of=SignIn)
    )
    if row is not None and row.ended_at is None:
        row.last_used_at = max(row.last_used_at, now)
