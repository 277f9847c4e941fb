"""Give an order up before anything was paid, because the buyer says so or the units cannot be had."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.hold import release_units
from app.domain.orders.models import Order
from app.domain.orders.states import step
from app.domain.payments.leave_attempts import in_the_gateways_hands, leave_attempts
from app.domain.payments.queries import net_paid, open_payments_of
from app.domain.payments.refunds.request_refunds import request_refunds
from app.domain.states import IllegalStep


def withdraw_order(
    session: Session, order: Order, reason: str, now: datetime, *, actor: str = "platform"
) -> None:
    """Withdraw an order that waits for its payment. The caller holds its lock.

    IllegalStep when it does not wait any more, or when a payment is under way that may yet succeed.
    """
    if any(in_the_gateways_hands(payment) for payment in open_payments_of(session, order.id)):
        raise IllegalStep("a payment of this order is under way")
    part_paid = net_paid(session, order) > 0
    step(session, order, "withdraw_part" if part_paid else "withdraw", now, actor=actor, reason=reason)
    if part_paid:
        queue_order_mail(session, order, "refund_due", now)
        request_refunds(session, order, "part_paid", now)
    leave_attempts(session, order, reason, now)
    release_units(session, order)
