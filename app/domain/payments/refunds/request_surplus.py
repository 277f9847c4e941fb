"""More came than the order costs: the difference goes back, and the oldest money is kept."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.orders.models import Order, OrderState
from app.domain.payments.refunds.balance import to_give_back
from app.domain.payments.refunds.request_refunds import allot

# Orders whose money the provider keeps. Elsewhere all of it goes back, or nobody knows yet.
_KEEPS_THE_PRICE = frozenset(
    {OrderState.PAID, OrderState.CANCELLING, OrderState.COMPLETED, OrderState.FULFILMENT_FAILED}
)


def request_surplus(session: Session, order: Order, now: datetime) -> None:
    """Owe the buyer what came beyond the total, of the newest receipt first. Nothing the second time.

    The caller holds the order's lock and commits.
    """
    session.flush()
    if order.state not in _KEEPS_THE_PRICE:
        return
    for refund in allot(session, order, "surplus", to_give_back(session, order), now):
        if order.email:
            queue_mail(
                session,
                "refund_surplus",
                once=f"refund_surplus:{refund.id}:{refund.changed_at.isoformat()}",
                to=order.email,
                language=order.language,
                now=now,
                order_id=order.id,
                context={"refund_id": str(refund.id)},
            )
