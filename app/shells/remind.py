"""Remind a buyer of a transfer that is still to come."""

from uuid import UUID

from app.domain.orders.models import Order
from app.domain.payments.bank.remind import remind_of_transfer
from app.logs import about_order
from app.shells.works import Works


def remind(works: Works, order_id: UUID) -> None:
    """Queue the reminder, if there is still something to remind of."""
    with works.sessions.begin() as session:
        about_order(session.get_one(Order, order_id).number)
        remind_of_transfer(session, order_id, works.now())
