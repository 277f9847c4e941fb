"""The basket: what a visitor means to buy. Nothing is held until the order is placed."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.offers.models import Offer
from app.domain.orders.models import Basket, BasketItem


class QuantityRefused(Exception):
    """A quantity that cannot be ordered. `bound` is the limit.

    `reason`: too_few, too_many, over_limit, not_on_sale, not_yet (on sale).
    """

    def __init__(self, reason: str, bound: int) -> None:
        super().__init__(f"{reason}: {bound}")
        self.reason = reason
        self.bound = bound


def open_basket(session: Session, basket_id: UUID | None, now: datetime) -> Basket:
    """The visitor's basket, locked; a new one if there is none or it was placed."""
    # Locked, because a double click adds the same offer twice at once.
    basket = session.get(Basket, basket_id, with_for_update=True) if basket_id else None
    if basket is None or basket.group_id is not None:
        basket = Basket(id=uuid4(), created_at=now, changed_at=now)
        session.add(basket)
    return basket


def check_quantity(offer: Offer, quantity: int, available: int, now: datetime) -> None:
    """Is this quantity possible for this offer now? Raises QuantityRefused."""
    if available < 1:
        embargo = offer.on_sale_from is not None and offer.on_sale_from > now
        raise QuantityRefused("not_yet" if embargo else "not_on_sale", 0)
    if quantity > available:
        raise QuantityRefused("too_many", available)
    if quantity < offer.min_quantity:
        raise QuantityRefused("too_few", offer.min_quantity)
    if offer.max_quantity is not None and quantity > offer.max_quantity:
        raise QuantityRefused("over_limit", offer.max_quantity)


def put_in_basket(basket: Basket, offer: Offer, quantity: int, now: datetime) -> None:
    """Set the quantity of an offer in the basket. The caller has checked it."""
    item = next((item for item in basket.items if item.offer_id == offer.id), None)
    if item is None:
        basket.items.append(BasketItem(offer_id=offer.id, offer=offer, quantity=quantity, added_at=now))
    else:
        item.quantity = quantity
    basket.changed_at = now


def take_from_basket(basket: Basket, offer_id: UUID, now: datetime) -> None:
    """Take an offer out of the basket; one that is not in it is no error."""
    basket.items = [item for item in basket.items if item.offer_id != offer_id]
    basket.changed_at = now


def basket_size(session: Session, basket_id: UUID) -> int:
    """How many offers are in the basket, for the badge in the header."""
    return len(
        session.execute(
            select(BasketItem.offer_id)
            .join(Basket, Basket.id == BasketItem.basket_id)
            .where(Basket.id == basket_id, Basket.group_id.is_(None))
        ).all()
    )
