"""What one tonne of an offer costs where an order takes so many: said once, in Python and in SQL."""

from sqlalchemy import BigInteger, ColumnElement, func, select

from app.domain.offers.models import Offer, OfferTier
from app.money import Money


def price_for(offer: Offer, quantity: int) -> Money:
    """The price per tonne where one order takes `quantity` units of the offer."""
    minor = offer.price_minor
    for tier in offer.tiers:  # from the smallest quantity on
        if tier.from_quantity <= quantity:
            minor = tier.price_minor
    return Money(minor, offer.currency)


def price_at(quantity: ColumnElement[int] | int) -> ColumnElement[int]:
    """The same over Offer in SQL, in minor units of its currency."""
    reached = (
        select(OfferTier.price_minor)
        .where(OfferTier.offer_id == Offer.id, OfferTier.from_quantity <= quantity)
        .order_by(OfferTier.from_quantity.desc())
        .limit(1)
        .correlate(Offer)
        .scalar_subquery()
    )
    return func.coalesce(reached, Offer.price_minor, type_=BigInteger)
