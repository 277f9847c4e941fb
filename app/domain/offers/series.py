"""An offer with the units that were added to it later: offers of their own, whose terms change together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from app.domain.offers.models import Offer, OfferState
from app.domain.offers.states import STEPS, step
from app.domain.people.models import Provider


class NoSuchOffer(Exception):
    """There is no such offer, or it is another provider's."""


@dataclass(frozen=True)
class Series:
    """The first offer, which holds the terms, and those that were added to it, oldest first."""

    head: Offer
    parts: Sequence[Offer]

    @property
    def offers(self) -> list[Offer]:
        return [self.head, *self.parts]


def locked_series(session: Session, offer_id: UUID, provider_id: UUID | None = None) -> Series:
    """The series that an offer belongs to, read again under the locks of all its offers.

    `provider_id`: only if it is this provider's. Raises NoSuchOffer.
    """
    named = session.get(Offer, offer_id)
    if named is None or provider_id not in (None, named.provider_id):
        raise NoSuchOffer(offer_id)
    # The provider's row first, so that a series does not grow between this lock and those of its offers. It stands in
    # nobody's way who only points at the provider, as an order does.
    session.execute(
        select(Provider.id).where(Provider.id == named.provider_id).with_for_update(key_share=True)
    )
    head_id = named.added_to or named.id
    # In the order of their ids, as `hold_units` locks them.
    found = session.scalars(
        select(Offer)
        .where(or_(Offer.id == head_id, Offer.added_to == head_id))
        .order_by(Offer.id)
        .with_for_update()
        .options(selectinload(Offer.tiers), selectinload(Offer.texts))
        .execution_options(populate_existing=True)
    ).all()
    [head] = [offer for offer in found if offer.id == head_id]
    parts = sorted((offer for offer in found if offer.id != head_id), key=lambda each: each.created_at)
    return Series(head, parts)


def step_series(session: Session, series: Series, name: str, now: datetime, **said: Any) -> list[Offer]:
    """Take a step of every offer of the series that stands where it leads away from; these offers.

    `said` goes to the audit trail. IllegalStep where there is none; nothing is changed then.
    """
    movable = [offer for offer in series.offers if offer.state in STEPS[name][0]]
    for offer in movable or [series.head]:
        step(session, offer, name, now, **said)
    return movable


def close_if_sold(session: Session, offers: Sequence[Offer], now: datetime) -> None:
    """What was sold to its last unit while it was not published is sold out once it is again."""
    for offer in offers:
        if offer.state == OfferState.PUBLISHED and offer.cancelled == offer.quantity:
            step(session, offer, "sell_out", now)
