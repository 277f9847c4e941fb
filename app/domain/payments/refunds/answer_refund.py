"""The buyer says whether money that the provider sent by hand has come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.finish_by_word import finish_by_word
from app.domain.payments.refunds.hand_over import tell_of_refund
from app.domain.payments.refunds.queries import locked_refund
from app.domain.payments.refunds.states import step


class NothingToAnswer(Exception):
    """The refund is not waiting for the buyer's word (any more)."""


def answer_refund(session: Session, refund_id: UUID, came: bool, now: datetime) -> Refund:
    """It came: the ledger says so, and the refund is done. It did not: administrators see it at once.

    NothingToAnswer. The caller commits.
    """
    refund = locked_refund(session, refund_id)
    if refund.state != RefundState.SENT:
        raise NothingToAnswer
    refund.answered_at = now
    if came:
        finish_by_word(session, refund, "confirmed", now, actor="buyer")
    else:
        step(session, refund, "miss", now, actor="buyer")
        refund.escalated_at = now
        tell_of_refund(session, refund, "refund_missing", now)
    return refund
