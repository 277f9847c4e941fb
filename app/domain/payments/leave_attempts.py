"""Nobody waits for an order's open attempts any more: what can be given up is given up, here and at the gateway."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.orders.models import Order
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.queries import open_payments_of
from app.domain.payments.states import step


def in_the_gateways_hands(payment: Payment) -> bool:
    """Is the money on its way, so that nobody here can stop it any more?"""
    return payment.state == PaymentState.PENDING or payment.capture_asked_at is not None


def leave_attempts(session: Session, order: Order, reason: str, now: datetime) -> None:
    """Abandon the order's open attempts. The caller holds the order's lock.

    A job closes each at its gateway. What is in the gateway's hands goes on; its money counts when it comes.
    """
    for payment in open_payments_of(session, order.id):
        if not in_the_gateways_hands(payment):
            step(session, payment, "abandon", now, reason=reason)
            if payment.external_id is not None:
                defer(session, "look_at_payment", payment_id=payment.id)
