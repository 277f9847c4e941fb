"""Holding units: locked late, in a fixed order, and never more than there are."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.sellable import available_units, is_sellable
from app.domain.offers.states import step
from app.domain.orders.models import Order
from app.domain.people.models import Provider


class NotAvailable(Exception):
    """Some of what was asked for is not there. `left` says how many units each such offer still has."""

    def __init__(self, left: Mapping[UUID, int]) -> None:
        super().__init__(f"not available: {dict(left)}")
        self.left = dict(left)


def hold_units(session: Session, wanted: Mapping[UUID, int], now: datetime) -> dict[UUID, Offer]:
    """Hold `wanted` units (offer id → quantity) or none at all.

    Locks the offers in the order of their ids, so that two buyers never wait for each other. Raises
    NotAvailable, with what is left of every offer that falls short (0: not on sale any more).
    """
    # The lock comes first and alone: the second query then reads what the last holder committed.
    session.execute(select(Offer.id).where(Offer.id.in_(wanted)).order_by(Offer.id).with_for_update())
    rows = session.execute(
        select(Offer, available_units(), is_sellable(now))
        .join(Mandate, Offer.mandate_id == Mandate.mandate_id)
        .join(Block, Mandate.block_id == Block.block_id)
        .join(Activity, Block.activity_ref == Activity.activity_ref)
        .join(Provider, Offer.provider_id == Provider.id)
        .where(Offer.id.in_(wanted))
        .options(
            selectinload(Offer.tiers)
        )  # read under the same lock: whoever places an order freezes their price
        .execution_options(populate_existing=True)
    ).all()
    offers = {offer.id: offer for offer, _, _ in rows}
    left = {offer.id: (available if sellable else 0) for offer, available, sellable in rows}
    short = {
        offer_id: left.get(offer_id, 0) for offer_id, units in wanted.items() if units > left.get(offer_id, 0)
    }
    if short:
        raise NotAvailable(short)
    for offer_id, units in wanted.items():
        _change(offers[offer_id], held=units)
    return offers


def release_units(session: Session, order: Order) -> None:
    """Give an order's units back to its offers."""
    for offer, units in _locked(session, order):
        _change(offer, held=-units)


def hold_again(session: Session, order: Order, now: datetime) -> None:
    """Hold a given-up order's units once more, at its frozen price. Raises NotAvailable."""
    hold_units(session, {line.offer_id: line.quantity for line in order.lines}, now)


def spend_units(session: Session, offer_id: UUID, units: int, now: datetime) -> None:
    """Held units were cancelled in the registry: they are gone."""
    offer = session.execute(
        select(Offer).where(Offer.id == offer_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()
    if offer.cancelled + units == offer.quantity and offer.state == OfferState.PUBLISHED:
        step(session, offer, "sell_out", now)
    _change(offer, held=-units, cancelled=units)


def free_line(session: Session, offer_id: UUID, units: int) -> None:
    """Held units that the registry refused to cancel are free again."""
    offer = session.execute(
        select(Offer).where(Offer.id == offer_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()
    _change(offer, held=-units)


def _locked(session: Session, order: Order) -> list[tuple[Offer, int]]:
    quantities = {line.offer_id: line.quantity for line in order.lines}
    offers = session.execute(
        select(Offer)
        .where(Offer.id.in_(quantities))
        .order_by(Offer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalars()
    return [(offer, quantities[offer.id]) for offer in offers]


def _change(offer: Offer, *, held: int, cancelled: int = 0) -> None:
    # Added up by the database, whose own check then refuses to oversell even if a lock were missing.
    offer.held = Offer.held + held
    if cancelled:
        offer.cancelled = Offer.cancelled + cancelled
