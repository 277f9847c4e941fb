"""The steps of a refund (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.payments.refund_models import Refund
from app.domain.payments.refund_models import RefundState as S
from app.domain.states import take_step

# The gateway is asked, or has been.
AT_GATEWAY = frozenset({S.REQUESTED, S.SUBMITTED, S.IN_TRANSIT})
# The provider has something to do.
TO_SEND = frozenset({S.BY_HAND, S.FAILED})
OPEN = AT_GATEWAY | TO_SEND | {S.SENT}

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "submit": (frozenset({S.REQUESTED}), S.SUBMITTED),
    "accept": (frozenset({S.SUBMITTED}), S.IN_TRANSIT),
    "hand_over": (AT_GATEWAY | {S.FAILED}, S.BY_HAND),  # the gateway cannot
    "send": (TO_SEND, S.SENT),
    "finish": (OPEN, S.DONE),
    "miss": (frozenset({S.SENT}), S.FAILED),  # the buyer says that it has not come
    "fail": (frozenset({S.DONE}), S.FAILED),  # it came back to the provider
    "withdraw": (AT_GATEWAY | TO_SEND, S.WITHDRAWN),  # nothing is left to give back
}


def step(
    session: Session, refund: Refund, name: str, now: datetime, *, actor: str = "platform", **payload: Any
) -> None:
    """Take one step of a refund; IllegalStep where there is none."""
    take_step(
        session, refund, name, STEPS, Event.REFUND_STEP, now, order_id=refund.order_id, actor=actor, **payload
    )
    refund.changed_at = now
