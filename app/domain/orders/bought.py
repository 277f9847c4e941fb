"""A buyer's orders: those that they placed or claimed, and those of the organisations that they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session, selectinload

from app.domain.certificates.models import Certificate
from app.domain.moderation.queries import orders_withheld
from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderLine
from app.domain.payments.standing import Standing, standings
from app.domain.people.account_models import Membership, Organisation
from app.domain.people.addresses import proved_by
from app.domain.people.membership import roles_with
from app.domain.people.models import Person
from app.domain.people.permissions import Permission

PAGE_SIZE = 20


@dataclass(frozen=True)
class Bought:
    """An order in a buyer's list."""

    order: Order
    organisation: Organisation | None  # for which it was bought
    certificate: Certificate | None  # the newest, once its PDF is there
    standing: Standing
    withheld: bool  # some of what the buyer wrote is not shown on the certificate's page


@dataclass(frozen=True)
class BoughtPage:
    """Some orders, newest first. `older`: the number after which the next page begins."""

    rows: Sequence[Bought]
    older: str | None


def bought_orders(
    session: Session, person_id: UUID, *, organisation_id: UUID | None = None, after: str | None = None
) -> BoughtPage:
    """One page of what the person may see, of one organisation if asked for.

    `after` is the number of one of these orders: pages do not move under the reader while orders are placed. A
    number that is none of theirs begins at the newest.
    """
    mine = _visible_to(person_id)
    if organisation_id is not None:
        mine &= Order.organisation_id == organisation_id
    query = select(Order).where(mine).order_by(Order.placed_at.desc(), Order.id.desc()).limit(PAGE_SIZE + 1)
    last = session.scalar(select(Order).where(mine, Order.number == after)) if after else None
    if last is not None:
        query = query.where(tuple_(Order.placed_at, Order.id) < (last.placed_at, last.id))
    found = session.scalars(
        query.options(selectinload(Order.lines).joinedload(OrderLine.offer).joinedload(Offer.mandate))
    ).all()
    shown = found[:PAGE_SIZE]
    return BoughtPage(_with_facts(session, shown), shown[-1].number if len(found) > PAGE_SIZE else None)


def bought_order(session: Session, person_id: UUID, number: str) -> Order | None:
    """One of these orders by its number; None for anybody else's, as for one that is not there."""
    return session.scalar(select(Order).where(_visible_to(person_id), Order.number == number))


def guest_orders_of(person: Person) -> ColumnElement[bool]:
    """The condition for orders that were placed without signing in, with the person's own address.

    Only an address that was verified is anybody's own.
    """
    return Order.person_id.is_(None) & proved_by(Order.email, person)


def count_claimable(session: Session, person: Person) -> int:
    """How many orders the person could claim."""
    return session.scalar(select(func.count(Order.id)).where(guest_orders_of(person))) or 0


def _visible_to(person_id: UUID) -> ColumnElement[bool]:
    theirs = select(Membership.organisation_id).where(
        Membership.person_id == person_id,
        Membership.role.in_(roles_with(Permission.ORGANISATION_ORDERS_READ)),
    )
    return or_(Order.person_id == person_id, Order.organisation_id.in_(theirs))


def _with_facts(session: Session, orders: Sequence[Order]) -> list[Bought]:
    ids = [order.id for order in orders]
    organisations = {
        each.id: each
        for each in session.scalars(
            select(Organisation).where(
                Organisation.id.in_({order.organisation_id for order in orders if order.organisation_id})
            )
        )
    }
    certificates = {
        each.order_id: each
        for each in session.scalars(
            select(Certificate).where(Certificate.order_id.in_(ids)).order_by(Certificate.version)
        )
        if each.pdf_sha256 is not None
    }
    stand, withheld = standings(session, orders), orders_withheld(session, ids)
    return [
        Bought(
            order,
            organisations.get(order.organisation_id) if order.organisation_id else None,
            certificates.get(order.id),
            stand[order.id],
            order.id in withheld,
        )
        for order in orders
    ]
