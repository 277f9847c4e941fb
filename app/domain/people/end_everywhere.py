"""A person is signed out in every browser."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.people.end_sign_in import end_sign_in
from app.domain.people.models import EndedWhy, SignIn


def end_everywhere(session: Session, person_id: UUID, why: EndedWhy, now: datetime) -> int:
    """End all sign-ins of the person. How many there were."""
    under_way = session.scalars(
        select(SignIn.id)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
        .order_by(
            SignIn.id
        )  # always the same order: two of these at once do not wait for each other for ever
    ).all()
    return sum(end_sign_in(session, sign_in_id, why, now) for sign_in_id in under_way)
