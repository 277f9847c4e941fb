"""A trial's money has come in full: the account is tried out, and the money goes back."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.orders.models import Order
from app.domain.orders.states import step
from app.domain.payments.refunds.request_refunds import request_refunds
from app.domain.payments.trials.queries import account_tried_by


def end_trial(session: Session, order: Order, now: datetime) -> None:
    """In place of a cancellation, of which a trial has none. The caller holds the order's lock, and commits."""
    step(session, order, "end_trial", now)
    account = account_tried_by(session, order.id)
    account.tested_at = now
    record(
        session,
        Event.PAYEE_ACCOUNT_TESTED,
        "payee_account",
        account.id,
        now,
        order_id=order.id,
        amount=str(order.total),
    )
    request_refunds(session, order, "self_test", now)
