"""Tell buyers of whose money only a part has come: one mail for each statement, however many lines."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.orders.models import Order, OrderState


def tell_of_parts(session: Session, numbers: Iterable[str], statement_id: UUID, now: datetime) -> None:
    """Queue the mail for those of the orders that still wait for the rest."""
    orders = session.scalars(
        select(Order).where(Order.number.in_(set(numbers)), Order.state == OrderState.AWAITING_PAYMENT)
    )
    for order in orders:
        if not order.email:
            continue  # a trial, or a buyer who had everything about themselves erased
        queue_mail(
            session,
            "transfer_part_received",
            once=f"transfer_part_received:{order.id}:{statement_id}",
            to=order.email,
            language=order.language,
            now=now,
            order_id=order.id,
        )
