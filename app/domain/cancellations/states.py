"""The steps of a cancellation (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.cancellations.models import Cancellation
from app.domain.cancellations.models import CancellationState as S
from app.domain.states import take_step

OPEN = frozenset({S.SUBMITTED, S.UNKNOWN})

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "lose_sight": (frozenset({S.SUBMITTED, S.UNKNOWN}), S.UNKNOWN),
    "find_open": (frozenset({S.UNKNOWN}), S.SUBMITTED),
    "complete": (OPEN, S.COMPLETED),
    "refuse": (OPEN, S.REFUSED),
}


def step(session: Session, cancellation: Cancellation, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of a cancellation; IllegalStep where there is none."""
    order_id = cancellation.line.order_id
    take_step(session, cancellation, name, STEPS, Event.CANCELLATION_STEP, now, order_id=order_id, **payload)
