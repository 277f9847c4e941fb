"""Reading cancellations."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.cancellations.states import OPEN
from app.domain.orders.models import Order, OrderLine, OrderState

# Longer than the job's own pause between two tries: only what no job looks after any more.
_FORGOTTEN_AFTER = timedelta(minutes=20)
# A registry that has not confirmed for so long is somebody's business.
OVERDUE_AFTER = timedelta(hours=1)


def locked_cancellation(session: Session, cancellation_id: UUID) -> Cancellation:
    """The cancellation with its order locked first, as everything about an order is."""
    order_id = (
        select(OrderLine.order_id)
        .join(Cancellation, Cancellation.order_line_id == OrderLine.id)
        .where(Cancellation.id == cancellation_id)
        .scalar_subquery()
    )
    session.execute(select(Order.id).where(Order.id == order_id).with_for_update())
    return session.execute(
        select(Cancellation)
        .where(Cancellation.id == cancellation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def cancellations_of(session: Session, order_id: UUID) -> Sequence[Cancellation]:
    """The cancellation that stands for each line of an order, in the order of its lines.

    One that the registry refused stands only until other units took the place of the line's.
    """
    return (
        session.execute(
            select(Cancellation)
            .join(OrderLine, Cancellation.order_line_id == OrderLine.id)
            .where(OrderLine.order_id == order_id)
            .ext(distinct_on(OrderLine.position))
            .order_by(
                OrderLine.position,
                Cancellation.state == CancellationState.REFUSED,
                Cancellation.opened_at.desc(),
            )
        )
        .scalars()
        .all()
    )


def forgotten_cancellations(session: Session, now: datetime) -> list[UUID]:
    """Open cancellations that nobody has asked the registry about for a long time."""
    last = func.coalesce(Cancellation.asked_at, Cancellation.opened_at)
    return list(
        session.execute(
            select(Cancellation.id).where(Cancellation.state.in_(OPEN), now - last > _FORGOTTEN_AFTER)
        ).scalars()
    )


def orders_waiting_for_registry(now: datetime) -> Select[UUID, datetime]:
    """Paid orders whose units the registry has not cancelled for an hour: each id, and since when (`since`)."""
    return (
        select(Order.id, func.min(Cancellation.opened_at).label("since"))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Cancellation, Cancellation.order_line_id == OrderLine.id)
        .where(
            Order.state == OrderState.CANCELLING,
            Cancellation.state.in_(OPEN),
            Cancellation.opened_at <= now - OVERDUE_AFTER,
        )
        .group_by(Order.id)
    )


def overdue_cancellations(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many orders wait for the registry for an hour or longer, and since when the first of them does."""
    waiting = orders_waiting_for_registry(now).subquery()
    found = session.execute(select(func.count(), func.min(waiting.c.since)).select_from(waiting)).one()
    return int(found[0]), found[1]


def cancellation_by_registry_id(session: Session, registry_id: str) -> UUID | None:
    """Our cancellation that the registry knows by this id."""
    return session.execute(
        select(Cancellation.id).where(Cancellation.registry_id == registry_id)
    ).scalar_one_or_none()


def is_closed(session: Session, registry_id: str) -> bool:
    """Is the cancellation that the registry knows by this id one of ours, and completed or refused?"""
    state = select(Cancellation.state).where(Cancellation.registry_id == registry_id)
    return session.execute(state).scalar_one_or_none() not in {None, *OPEN}
