"""Scheduled changes of an offer, read under the lock that whoever settles them takes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.offers.change_states import step
from app.domain.offers.terms_models import OfferChange, OfferChangeState

# Longer than a job's own pauses: only what no job looks after any more.
_FORGOTTEN_AFTER = timedelta(minutes=5)


def waiting_changes(session: Session, head_id: UUID) -> Sequence[OfferChange]:
    """The changes of an offer that are to come, soonest first. Read again: the caller holds the offer's lock."""
    return session.scalars(
        select(OfferChange)
        .where(OfferChange.offer_id == head_id, OfferChange.state == OfferChangeState.WAITING)
        .order_by(OfferChange.due_at, OfferChange.id)
        .execution_options(populate_existing=True)
    ).all()


def withdraw_waiting(session: Session, head_id: UUID, person_id: UUID, now: datetime) -> None:
    """An offer that is withdrawn has nothing to come any more."""
    for change in waiting_changes(session, head_id):
        step(session, change, "withdraw", now, actor="provider", person_id=person_id)


def changes_past_due(session: Session, now: datetime) -> list[UUID]:
    """Changes that should have happened some time ago."""
    return list(
        session.scalars(
            select(OfferChange.id).where(
                OfferChange.state == OfferChangeState.WAITING,
                OfferChange.due_at < now - _FORGOTTEN_AFTER,
            )
        )
    )
