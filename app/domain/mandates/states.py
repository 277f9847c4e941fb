"""The steps of a provider's act over a mandate (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.mandates.models import ActState as S
from app.domain.mandates.models import MandateAct
from app.domain.states import take_step

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "confirm": (frozenset({S.ASKED}), S.DONE),
    "refuse": (frozenset({S.ASKED}), S.REFUSED),
}


def step(session: Session, act: MandateAct, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of an act; IllegalStep where there is none."""
    take_step(session, act, name, STEPS, Event.MANDATE_ACT_STEP, now, order_id=None, **payload)
    act.settled_at = now
