"""The time to choose between other units and the money is over."""

from uuid import UUID

from app.domain.orders.give_back import give_back_unanswered
from app.domain.orders.models import Order
from app.logs import about_order
from app.shells.works import Works


def end_choice(works: Works, order_id: UUID) -> None:
    """Give the money back, if the buyer has still not chosen."""
    with works.sessions.begin() as session:
        about_order(session.get_one(Order, order_id).number)
        give_back_unanswered(session, order_id, works.now())
