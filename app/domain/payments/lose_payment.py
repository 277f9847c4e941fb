"""Money has left again before anything was cancelled for it: by a refund outside the platform, or a dispute."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.hold import release_units
from app.domain.orders.models import Order
from app.domain.orders.states import step

TO_PAY_THE_REST = timedelta(days=3)


def lose_payment(session: Session, order: Order, net: int, now: datetime) -> None:
    """What becomes of a paid order that still waits, of whose money `net` (minor units, less than due) is left.

    Nothing left: it is withdrawn, its units are free. A part left: the units stay held while the buyer may pay the
    rest. The caller holds the order's lock.
    """
    order.paid_at = order.release_at = order.released_by = None
    if net > 0:
        step(session, order, "part_lose", now, reason="payment_part_lost")
        order.hold_until = max(order.hold_until, now + TO_PAY_THE_REST)
        defer(session, "expire_order", at=order.hold_until, order_id=order.id)
        queue_order_mail(session, order, "payment_part_lost", now)
        return
    step(session, order, "lose", now, reason="payment_lost")
    release_units(session, order)
    queue_order_mail(session, order, "payment_lost", now)
