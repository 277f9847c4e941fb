"""A message in an order's thread, once, whatever repeats."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.orders.models import Order
from app.domain.threads.models import Author, OrderMessage


def add_message(
    session: Session,
    order: Order,
    author: Author,
    text: str,
    key: UUID,
    person_id: UUID | None,
    now: datetime,
) -> OrderMessage | None:
    """Add it; None where it is there already. `key` came with the form. The caller holds the order's lock.

    The same form sent again with other words is another message: nothing that somebody wrote is lost in silence.
    """
    message_id = uuid5(key, f"{order.id}:{author}:{text}")
    if session.get(OrderMessage, message_id) is not None:
        return None
    message = OrderMessage(
        id=message_id, order_id=order.id, author=author, person_id=person_id, text=text, at=now
    )
    session.add(message)
    session.flush()
    record(
        session,
        Event.MESSAGE_WRITTEN,
        "order_message",
        message.id,
        now,
        order_id=order.id,
        actor=author.value,
        person_id=person_id,
    )
    return message
