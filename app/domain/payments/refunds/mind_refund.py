"""Dates of a refund by hand: a reminder, the administrators, and what a buyer's silence means."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.finish_by_word import finish_by_word
from app.domain.payments.refunds.hand_over import REMIND_BEFORE, tell_of_refund
from app.domain.payments.refunds.queries import SILENCE, locked_refund


def mind_refund(session: Session, refund_id: UUID, now: datetime) -> None:
    """Do what is due by now, each thing once. The caller commits."""
    refund = locked_refund(session, refund_id)
    if refund.state == RefundState.SENT and now >= refund.changed_at + SILENCE:
        finish_by_word(session, refund, "silence", now)
    elif refund.state == RefundState.BY_HAND and refund.due_at is not None:
        _press(session, refund, refund.due_at, now)


def _press(session: Session, refund: Refund, due_at: datetime, now: datetime) -> None:
    if refund.order.trial:
        return  # the provider owes it to nobody but itself
    if now >= due_at:
        if refund.escalated_at is None:
            refund.escalated_at = now
            record(
                session,
                Event.REFUND_ESCALATED,
                "refund",
                refund.id,
                now,
                order_id=refund.order_id,
                why="overdue",
            )
            tell_of_refund(session, refund, "refund_overdue", now)
    elif now >= due_at - REMIND_BEFORE and refund.reminded_at is None:
        refund.reminded_at = now
        tell_of_refund(session, refund, "refund_reminder", now)
