"""The buyer says that what they complained about is solved."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.queries import locked_order
from app.domain.threads import states
from app.domain.threads.queries import locked_complaint, standing_complaint
from app.domain.threads.say import Said, say


class NothingStands(Exception):
    """There is no complaint about the order (any more)."""


def solve_complaint(session: Session, order_id: UUID, now: datetime) -> None:
    """Close the complaint that stands about the order, whoever opened it. NothingStands. The caller commits."""
    locked_order(session, order_id)
    found = standing_complaint(session, order_id)
    if found is None:
        raise NothingStands
    complaint = locked_complaint(session, found.id)
    states.step(session, complaint, "solve", now, actor="buyer")
    say(session, complaint, Said.SOLVED, now)
