"""Somebody with an account takes over the orders that they placed as a guest."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.domain.audit.record import Event, record
from app.domain.orders.bought import guest_orders_of
from app.domain.orders.models import Order
from app.domain.people.locked import locked_person


class NotVerified(Exception):
    """Nobody knows yet whether the address is the person's."""


def claim_orders(session: Session, person_id: UUID, now: datetime) -> int:
    """Make all orders that guests placed with the person's verified address theirs. How many. NotVerified.

    Each is claimed once: by whoever comes first, should two people have proved the same address. Their secret
    links go on working.
    """
    person = locked_person(session, person_id)
    if not person.email_verified:
        raise NotVerified
    orders = session.scalars(
        select(Order)
        .where(guest_orders_of(person))
        .options(selectinload(Order.group))
        .order_by(Order.id)
        .with_for_update(of=Order)
    ).all()
    for order in orders:
        order.person_id = person.id
        order.group.person_id = order.group.person_id or person.id
        record(
            session,
            Event.ORDER_CLAIMED,
            "order",
            order.id,
            now,
            order_id=order.id,
            actor="buyer",
            person_id=person.id,
        )
    return len(orders)
