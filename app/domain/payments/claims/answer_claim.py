"""The provider answers a buyer who says that an order is paid."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.payments.claims.queries import NOT_RECEIVED, RECEIVED, claim_of
from app.domain.payments.claims.tell import tell_buyer
from app.domain.payments.queries import locked_order
from app.domain.payments.refund_models import PaymentClaim


class NotAsked(Exception):
    """Nobody waits for an answer about this order (any more)."""


def answer_claim(
    session: Session,
    order_id: UUID,
    answer: str,
    note: str | None,
    person_id: UUID | None,
    now: datetime,
) -> PaymentClaim:
    """Keep the answer and tell the buyer. `answer`: received | not_received. NotAsked. The caller commits.

    "Received" moves no money by itself: whoever says so confirms amount and day with `confirm_received`.
    """
    if answer not in (RECEIVED, NOT_RECEIVED):
        raise ValueError(answer)
    order = locked_order(session, order_id)
    claim = claim_of(session, order_id)
    if claim is None or claim.answer is not None:
        raise NotAsked
    claim.answer, claim.answer_note = answer, note
    claim.answered_at, claim.answered_by = now, person_id
    record(
        session,
        Event.PAYMENT_CLAIM_ANSWERED,
        "order",
        order.id,
        now,
        order_id=order.id,
        actor="provider",
        person_id=person_id,
        answer=answer,
    )
    tell_buyer(session, "claim_answered", order, claim, now)
    return claim
