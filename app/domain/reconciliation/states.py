"""The steps of a difference with the registry (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.reconciliation.models import Difference
from app.domain.reconciliation.models import DifferenceState as S
from app.domain.states import take_step

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "explain": (frozenset({S.OPEN}), S.EXPLAINED),
    "change": (frozenset({S.EXPLAINED}), S.OPEN),
    "go": (frozenset({S.OPEN, S.EXPLAINED}), S.GONE),
}


def step(session: Session, difference: Difference, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of a difference; IllegalStep where there is none."""
    take_step(
        session,
        difference,
        name,
        STEPS,
        Event.DIFFERENCE_STEP,
        now,
        order_id=difference.order_id,
        kind=difference.kind,
        about=difference.entity_id,
        **payload,
    )
