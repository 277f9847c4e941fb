"""Decide, under lock, that the gateway is asked to take the money now."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.models import Order, OrderState
from app.domain.orders.withdraw_order import withdraw_order
from app.domain.payments.models import PaymentState
from app.domain.payments.queries import locked_payment
from app.integrations.registry.interface import Mandate

# PayPal returns an approval after three hours; the buyer should hear from us before that.
WAIT_FOR_REGISTRY = timedelta(hours=2)


class PreflightRefused(Exception):
    """The registry would not cancel these units: the buyer must not be charged."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_preflight(order: Order, mandates: Mapping[str, Mandate]) -> None:
    """Every line's mandate, as the registry has it right now, must cover the line. Raises PreflightRefused."""
    for line in order.lines:
        mandate = mandates[line.offer.mandate_id]
        if mandate.status != "active":
            raise PreflightRefused(f"mandate_{mandate.status}")
        if mandate.block.status != "active":
            raise PreflightRefused("block_not_available")
        if mandate.quantity_remaining < line.quantity:
            raise PreflightRefused("insufficient_units")


def ask_capture(session: Session, payment_id: UUID, now: datetime) -> bool:
    """True if the shell may capture: from now on the order keeps its units until the gateway has answered.

    False when the payment or its order has moved on in the meantime.
    """
    payment = locked_payment(session, payment_id)
    if payment.state != PaymentState.AUTHORIZED or payment.order.state != OrderState.AWAITING_PAYMENT:
        return False
    payment.capture_asked_at = payment.capture_asked_at or now
    return True


def refuse_capture(session: Session, payment_id: UUID, code: str, now: datetime) -> None:
    """Pre-flight failed: the approval is left to lapse, the order is withdrawn, the buyer is told of no charge."""
    payment = locked_payment(session, payment_id)
    order = payment.order
    if payment.state != PaymentState.AUTHORIZED or order.state != OrderState.AWAITING_PAYMENT:
        return
    if payment.capture_asked_at is not None:
        return  # the money may be taken already; only the gateway can tell
    withdraw_order(session, order, code, now)
    queue_order_mail(session, order, "not_charged", now)


def waited_too_long(session: Session, payment_id: UUID, now: datetime) -> bool:
    """Has the approved payment waited for the registry for as long as an approval can wait?"""
    payment = locked_payment(session, payment_id)
    return payment.state == PaymentState.AUTHORIZED and now - payment.changed_at > WAIT_FOR_REGISTRY
