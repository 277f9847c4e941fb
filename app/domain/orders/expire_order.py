"""Give an unpaid order's units back when its time is over."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.hold import release_units
from app.domain.orders.models import OrderState
from app.domain.orders.states import step
from app.domain.payments.claims.queries import answer_awaited_until
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.queries import locked_order, net_paid, open_payments_of
from app.domain.payments.refunds.request_refunds import request_refunds
from app.domain.payments.states import step as payment_step

# An approved payment is being captured, or waits for the registry; a pending one is at the gateway.
WAIT_FOR_CAPTURE = timedelta(minutes=5)
WAIT_FOR_GATEWAY = timedelta(hours=1)
# A payment that a gateway holds back keeps the units no longer than this: others want them, too.
LONGEST_PENDING = timedelta(days=14)


def expire_order(session: Session, order_id: UUID, now: datetime) -> bool:
    """Expire the order if it still waits and its time is over. True if it is over (now or before).

    The shell asks the gateway first, and closes what is open there. While a payment is approved or pending, also one
    that another has taken the place of, the order keeps its units and this is asked again later; a pending one for
    14 days at most. So it is while the provider owes the buyer an answer to "I have paid".
    """
    order = locked_order(session, order_id)
    if order.state != OrderState.AWAITING_PAYMENT:
        return order.state == OrderState.EXPIRED
    if now < order.hold_until:
        defer(session, "expire_order", at=order.hold_until, order_id=order.id)
        return False
    attempts = open_payments_of(session, order.id)
    states = {payment.state for payment in attempts if not _held_back_too_long(payment, now)}
    if states & {PaymentState.AUTHORIZED, PaymentState.PENDING}:
        wait = WAIT_FOR_CAPTURE if PaymentState.AUTHORIZED in states else WAIT_FOR_GATEWAY
        defer(session, "expire_order", at=now + wait, order_id=order.id)
        return False
    answer_by = answer_awaited_until(session, order.id)
    if answer_by is not None and now < answer_by:
        defer(session, "expire_order", at=answer_by, order_id=order.id)
        return False
    for payment in attempts:
        payment_step(session, payment, "lapse", now, reason="hold_over")
    release_units(session, order)
    if net_paid(session, order) > 0:
        step(session, order, "expire_part", now, reason="part_paid")
        queue_order_mail(session, order, "refund_due", now)
        request_refunds(session, order, "part_paid", now)
        return True
    step(session, order, "expire", now)
    queue_order_mail(session, order, "order_expired", now)
    return True


def _held_back_too_long(payment: Payment, now: datetime) -> bool:
    """Money that is released after all is late money: the order is taken up again if there are units, else it goes back."""
    return payment.state == PaymentState.PENDING and now - payment.changed_at >= LONGEST_PENDING
