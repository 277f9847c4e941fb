"""An order is due a refund, and none is under way: find out why."""

from uuid import UUID

from app.domain.orders.flag_order import flag_order
from app.domain.orders.models import Order, OrderState
from app.domain.payments.queries import locked_order
from app.domain.payments.refunds.balance import open_refunds
from app.domain.payments.refunds.settle_refunds import settle_refunds
from app.logs import about_order
from app.shells.works import Works


def owe_refunds(works: Works, order_id: UUID) -> None:
    """Make the refunds that are missing; where there is none to make, a person sees the order."""
    with works.sessions.begin() as session:
        about_order(session.get_one(Order, order_id).number)
        order = locked_order(session, order_id)
        settle_refunds(session, order, works.now())
        if order.state == OrderState.REFUND_DUE and not open_refunds(session, order_id):
            flag_order(session, order, "refund_unclear", works.now())
