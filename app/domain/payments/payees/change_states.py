"""The steps of a change of bank details (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.payments.payee_models import ChangeState as S
from app.domain.payments.payee_models import PayeeChange
from app.domain.states import take_step

OPEN = frozenset({S.ASKED, S.CONFIRMED})

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "confirm": (frozenset({S.ASKED}), S.CONFIRMED),
    "apply": (frozenset({S.CONFIRMED}), S.APPLIED),
    "withdraw": (OPEN, S.WITHDRAWN),
}


def step(session: Session, change: PayeeChange, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of a change; IllegalStep where there is none."""
    take_step(session, change, name, STEPS, Event.PAYEE_CHANGE_STEP, now, order_id=None, **payload)
