"""Put an order where a person sees it, because no rule can decide what to do."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.hold import release_units
from app.domain.orders.models import Order, OrderState
from app.domain.orders.states import STEPS, step


def flag_order(session: Session, order: Order, reason: str, now: datetime) -> None:
    """Move the order to `needs_attention` and tell its buyer; an order already there stays as it is.

    Units of an order whose cancellation has not begun are free again. From then on they stay held: the
    registry may already have cancelled them.
    """
    if order.state not in STEPS["flag"][0]:
        return
    if order.state in {OrderState.AWAITING_PAYMENT, OrderState.PAID}:
        release_units(session, order)
    step(session, order, "flag", now, reason=reason)
    queue_order_mail(session, order, "needs_attention", now)
