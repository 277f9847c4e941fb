"""Expire an unpaid order: ask the gateway one last time, then give the units back."""

from uuid import UUID

from app.domain.orders.expire_order import expire_order
from app.domain.orders.models import Order, OrderState
from app.domain.payments.queries import open_payment_of
from app.logs import about_order
from app.shells.look_at_payment import look_at_payment
from app.shells.works import Works


def expire(works: Works, order_id: UUID) -> None:
    """Expire the order if its time is over and nothing was paid. Raises TryAgain when the gateway is away."""
    with works.sessions() as session:
        order = session.get_one(Order, order_id)
        about_order(order.number)
        over = order.state == OrderState.AWAITING_PAYMENT and order.hold_until <= works.now()
        payment = open_payment_of(session, order_id) if over else None
    if payment is not None:
        look_at_payment(works, payment.id)
    with works.sessions.begin() as session:
        expire_order(session, order_id, works.now())
