"""The units of a paid order were not cancelled and will not be: its money goes back to the buyer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.models import Order, OrderState
from app.domain.orders.states import step
from app.domain.payments.queries import locked_order
from app.domain.payments.refunds.request_refunds import request_refunds


def give_back(
    session: Session, order: Order, reason: str | None, now: datetime, *, actor: str = "platform"
) -> None:
    """Make the order due a refund and ask for it. The caller holds its lock, and its units are free already."""
    step(session, order, "give_back", now, actor=actor, reason=reason)
    order.answer_by = None
    queue_order_mail(session, order, "refund_due", now)
    request_refunds(session, order, "refused", now)


def give_back_unanswered(session: Session, order_id: UUID, now: datetime) -> None:
    """The buyer was offered other units and has said nothing until the time was over. The caller commits."""
    order = locked_order(session, order_id)
    if order.state == OrderState.FULFILMENT_FAILED and order.answer_by is not None and order.answer_by <= now:
        give_back(session, order, order.state_reason, now)
