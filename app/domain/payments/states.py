"""The steps of one payment attempt (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.payments.models import Payment
from app.domain.payments.models import PaymentState as S
from app.domain.states import take_step

OPEN = frozenset({S.CREATED, S.STARTED, S.AUTHORIZED, S.PENDING})
CLOSED = frozenset({S.FAILED, S.ABANDONED, S.EXPIRED})

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "start": (frozenset({S.CREATED}), S.STARTED),
    "authorize": (frozenset({S.CREATED, S.STARTED, S.PENDING}), S.AUTHORIZED),
    "go_pending": (frozenset({S.CREATED, S.STARTED, S.AUTHORIZED}), S.PENDING),
    # Money is never refused: whatever we thought of the attempt, what the gateway took is taken.
    "settle": (OPEN | CLOSED, S.CAPTURED),
    # Of an abandoned attempt the buyer was told, or said, that it is over: its approval lapses.
    "retry_authorize": (frozenset({S.FAILED, S.EXPIRED}), S.AUTHORIZED),
    "late_pending": (CLOSED, S.PENDING),
    "fail": (OPEN, S.FAILED),
    "abandon": (OPEN, S.ABANDONED),
    "lapse": (OPEN, S.EXPIRED),
}


def step(session: Session, payment: Payment, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of a payment; IllegalStep where there is none. A `reason` given stays on the payment."""
    take_step(session, payment, name, STEPS, Event.PAYMENT_STEP, now, order_id=payment.order_id, **payload)
    payment.reason = payload.get("reason")
    payment.changed_at = now
