"""A person is signed out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.models import EndedWhy, SignIn
from app.domain.people.sealed_tokens import drop_tokens


def end_sign_in(session: Session, sign_in_id: UUID, why: EndedWhy, now: datetime) -> bool:
    """End it, and forget its tokens. False if it had ended before: then it stays as it was."""
    sign_in = session.scalar(
        select(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None)).with_for_update()
    )
    if sign_in is None:
        return False
    sign_in.ended_at = now
    sign_in.ended_why = why
    drop_tokens(sign_in)
    record(
        session,
        Event.SIGN_IN_ENDED,
        "person",
        sign_in.person_id,
        now,
        realm=sign_in.realm.value,
        why=why.value,
    )
    return True
