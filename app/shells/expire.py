"""Expire an unpaid order: ask the gateway one last time, close what is open there, then give the units back."""

from uuid import UUID

from app.domain.orders.expire_order import expire_order
from app.domain.orders.models import Order, OrderState
from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.queries import open_payments_of
from app.domain.payments.record_snapshot import record_snapshot
from app.integrations.gateways.interface import PayeeProblem
from app.logs import about_order
from app.shells.look_at_payment import look_at_payment
from app.shells.works import Works


def expire(works: Works, order_id: UUID) -> None:
    """Expire the order if its time is over and nothing was paid. Raises TryAgain when the gateway is away."""
    with works.sessions() as session:
        order = session.get_one(Order, order_id)
        about_order(order.number)
        over = order.state == OrderState.AWAITING_PAYMENT and order.hold_until <= works.now()
        attempts = [payment.id for payment in open_payments_of(session, order_id)] if over else []
    for payment_id in attempts:
        look_at_payment(works, payment_id)
        _close(works, payment_id)
    with works.sessions.begin() as session:
        expire_order(session, order_id, works.now())


def _close(works: Works, payment_id: UUID) -> None:
    """Nobody may pay there from now on: money that came after the units are free could only be sent back."""
    with works.sessions() as session:
        payment = session.get_one(Payment, payment_id)
        gateway = works.neighbours.gateways[payment.gateway]
        if payment.state != PaymentState.STARTED or payment.external_id is None or not gateway.releases:
            return
        attempt = attempt_of(payment, works.settings.public_url)
        account = account_of(payment.account, works.sealer)
    try:
        snapshot = gateway.release(attempt, account, key=f"{payment_id}:release")
    except PayeeProblem:
        return  # the credentials open nothing any more: nobody can close the page, and it may not hold the units
    with works.sessions.begin() as session:
        record_snapshot(session, payment_id, snapshot, works.now())
