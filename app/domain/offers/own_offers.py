"""A provider's own offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer
from app.domain.offers.sellable import available_units, is_sellable, owing_providers
from app.domain.people.models import Provider


@dataclass(frozen=True)
class OwnOffer:
    """An offer as its provider sees it."""

    offer: Offer
    left: int  # units that can be ordered now; 0 when it is not on sale
    on_sale: bool


def stopped_by_debt(session: Session, provider_id: UUID, now: datetime) -> bool:
    """Is nothing of the provider's on sale because a buyer waits for their money for too long?"""
    return provider_id in session.scalars(owing_providers(now)).all()


def own_offers(session: Session, provider_id: UUID, now: datetime) -> Sequence[OwnOffer]:
    """Everything that the provider offers or has offered, the newest first."""
    rows = session.execute(
        select(Offer, available_units(), is_sellable(now))
        .join(Offer.mandate)
        .join(Block, Block.block_id == Mandate.block_id)
        .join(Activity, Activity.activity_ref == Block.activity_ref)
        .join(Provider, Provider.id == Offer.provider_id)
        .where(Offer.provider_id == provider_id)
        .options(contains_eager(Offer.mandate).contains_eager(Mandate.block).contains_eager(Block.activity))
        .order_by(Offer.created_at.desc(), Offer.id)
    )
    return [
        OwnOffer(offer, available if sellable else 0, sellable and available >= offer.min_quantity)
        for offer, available, sellable in rows
    ]
