"""The steps of a complaint (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.states import take_step
from app.domain.threads.models import Complaint
from app.domain.threads.models import ComplaintState as S

STANDING = frozenset({S.OPEN, S.ESCALATED})

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "escalate": (frozenset({S.OPEN}), S.ESCALATED),
    "solve": (STANDING, S.CLOSED),  # the buyer says so
    "decide": (STANDING, S.CLOSED),  # an administrator says how it ends
    "settle": (STANDING, S.CLOSED),  # the certificate is there, or the order has ended in another way
    "withdraw": (STANDING, S.CLOSED),  # the buyer had everything about themselves erased
}


def step(session: Session, complaint: Complaint, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of a complaint; IllegalStep where there is none."""
    take_step(
        session, complaint, name, STEPS, Event.COMPLAINT_STEP, now, order_id=complaint.order_id, **payload
    )
    if complaint.state == S.ESCALATED:
        complaint.escalated_at = now
    elif complaint.state == S.CLOSED:
        complaint.closed_at = now
