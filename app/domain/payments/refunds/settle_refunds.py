"""Let an order's refunds follow the ledger, and the order its refunds."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail, queue_order_mail
from app.domain.orders.models import Order, OrderState
from app.domain.orders.states import step as order_step
from app.domain.payments.queries import net_paid
from app.domain.payments.refunds.balance import open_refunds
from app.domain.payments.refunds.request_refunds import request_refunds
from app.domain.payments.refunds.trim_refunds import trim_refunds

_FOLLOW_THE_LEDGER = frozenset({OrderState.REFUND_DUE, OrderState.REFUNDED})


def settle_refunds(session: Session, order: Order, now: datetime) -> None:
    """Refunded once the ledger is back to nothing and no refund is open; due again when money is there again.

    The caller holds the order's lock and commits.
    """
    trim_refunds(session, order, now)
    if order.state not in _FOLLOW_THE_LEDGER:
        return
    net = net_paid(session, order)
    if order.state == OrderState.REFUNDED and net > 0:
        failed = bool(open_refunds(session, order.id))
        order_step(session, order, "refund_fail", now, reason="refund_failed" if failed else "paid_again")
    if order.state != OrderState.REFUND_DUE:
        return
    request_refunds(session, order, "late", now)
    if net <= 0 and not open_refunds(session, order.id):
        again = order.state_reason in {"refund_failed", "paid_again"}
        order_step(session, order, "refund_done", now)
        if not again:
            queue_order_mail(session, order, "refunded", now)
        elif order.email:
            queue_mail(
                session,
                "refunded",
                once=f"refunded:{order.id}:{now.isoformat()}",
                to=order.email,
                language=order.language,
                now=now,
                order_id=order.id,
            )
