"""How many orders one buyer lets wait for their payment: each holds units that nobody else can buy meanwhile."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.orders.buyer import Buyer
from app.domain.orders.models import Order, OrderState
from app.domain.settings.queries import number


class TooManyUnpaid(Exception):
    """Some of the buyer's orders have to be paid or withdrawn first. `most`: so many may wait."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} orders may wait for their payment")
        self.most = most


def check_unpaid(session: Session, email: str, buyer: Buyer | None, more: int) -> None:
    """May the buyer let `more` orders wait beside those that do? TooManyUnpaid.

    Counted by person, for guests by address, letter case aside. A basket with more sellers than that is let through
    when nothing else waits. Whoever asks at the same moment waits for this transaction to end.
    """
    whose = f"person:{buyer.person_id}" if buyer is not None else f"guest:{email.lower()}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(whose, 0))))
    mine = (
        Order.person_id == buyer.person_id
        if buyer is not None
        else Order.person_id.is_(None) & (func.lower(Order.email) == email.lower())
    )
    waiting = session.scalar(
        select(func.count(Order.id)).where(mine, Order.state == OrderState.AWAITING_PAYMENT)
    )
    most = number(session, "unpaid_orders")
    if waiting and waiting + more > most:
        raise TooManyUnpaid(most)
