"""A page of orders, newest first, by key: the thousandth page costs what the first one does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Uuid,
    and_,
    any_,
    func,
    literal_column,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.orders.models import Order
from app.domain.sales.wanted import Wanted, branches

PAGE_SIZE = 50


@dataclass(frozen=True)
class OrdersPage:
    """Some orders. `newer`, `older`: the numbers of the orders with which the neighbouring pages end and begin."""

    orders: Sequence[Order]
    newer: str | None
    older: str | None


def orders_page(
    session: Session, wanted: Wanted, now: datetime, *, before: str | None = None, after: str | None = None
) -> OrdersPage:
    """The orders that were placed just before the order with the number `before`, or just after `after`.

    A number that is none of those wanted begins the list at its newest end.
    """
    place = _place(session, wanted.provider_id, before or after)
    backwards = place is not None and before is None
    at = [] if place is None else [newer_than(*place) if backwards else older_than(*place)]
    found = next_orders(session, wanted, now, at, PAGE_SIZE + 1, backwards=backwards)
    shown, further = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    if backwards:
        shown.reverse()
    more_newer, more_older = (further, True) if backwards else (place is not None, further)
    return OrdersPage(
        shown,
        newer=shown[0].number if shown and more_newer else None,
        older=shown[-1].number if shown and more_older else None,
    )


def next_orders(
    session: Session,
    wanted: Wanted,
    now: datetime,
    at: Sequence[ColumnElement[bool]],
    most: int,
    *,
    backwards: bool = False,
) -> list[Order]:
    """The next orders from a place in the list: `at` is `older_than`, `newer_than` or nothing. With lines and provider.

    Where one of several things is enough, as many of each are found in order, and of those the next.
    """
    order = (Order.placed_at, Order.id.desc()) if backwards else (Order.placed_at.desc(), Order.id)
    # Written out: the planner has to know that it is short.
    limit = literal_column(str(most), Integer)
    ways = branches(wanted, now)
    met = [*ways[0], *at]
    if len(ways) > 1:
        each = [select(Order.id).where(*way, *at).order_by(*order).limit(limit).subquery() for way in ways]
        ids = union(*(select(way.c.id) for way in each)).subquery("ids")
        met = [Order.id == any_(func.array(select(ids.c.id).scalar_subquery(), type_=ARRAY(Uuid)))]
    return list(
        session.scalars(
            select(Order)
            .where(*met)
            .options(selectinload(Order.lines), joinedload(Order.provider))
            .order_by(*order)
            .limit(limit)
        )
    )


def count_orders(session: Session, wanted: Wanted, now: datetime) -> int:
    """How many there are, all of them counted: for what is read to the end anyway."""
    ids = union(*(select(Order.id).where(*way) for way in branches(wanted, now))).subquery()
    return session.scalar(select(func.count()).select_from(ids)) or 0


def older_than(placed_at: datetime, order_id: UUID) -> ColumnElement[bool]:
    """Comes after that order in a list that begins with the newest. The first half is what an index can begin at."""
    return and_(Order.placed_at <= placed_at, or_(Order.placed_at < placed_at, Order.id > order_id))


def newer_than(placed_at: datetime, order_id: UUID) -> ColumnElement[bool]:
    """Comes before that order in a list that begins with the newest."""
    return and_(Order.placed_at >= placed_at, or_(Order.placed_at > placed_at, Order.id < order_id))


def _place(session: Session, provider_id: UUID | None, number: str | None) -> tuple[datetime, UUID] | None:
    if number is None:
        return None
    at = select(Order.placed_at, Order.id).where(Order.number == number)
    if provider_id is not None:
        at = at.where(Order.provider_id == provider_id)
    found = session.execute(at).one_or_none()
    return (found[0], found[1]) if found is not None else None
