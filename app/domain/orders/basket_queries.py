"""Reading a basket as it stands now: live prices, what is truly left, one part for each payment it will take."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer
from app.domain.offers.price_for import price_for
from app.domain.offers.sellable import available_units, is_sellable
from app.domain.orders.basket import QuantityRefused, check_quantity
from app.domain.orders.models import Basket, BasketItem
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.people.models import Provider
from app.money import Money


@dataclass(frozen=True)
class BasketLine:
    """Some units of one offer."""

    offer: Offer
    block: Block
    activity: Activity
    quantity: int
    left: int  # units that can be ordered now; 0 when it is not on sale
    problem: QuantityRefused | None  # why the quantity cannot be ordered as things are

    @property
    def price(self) -> Money:
        """Per tonne, where one order takes so many."""
        return price_for(self.offer, self.quantity)

    @property
    def total(self) -> Money:
        return self.price * self.quantity

    @property
    def possible(self) -> int:
        """The quantity nearest to the wanted one that can be ordered now; 0 if none."""
        most = min(self.left, self.offer.max_quantity or self.left)
        return (
            min(max(self.quantity, self.offer.min_quantity), most) if most >= self.offer.min_quantity else 0
        )


@dataclass(frozen=True)
class BasketPart:
    """What becomes one order: the lines of one provider in one currency, paid at once."""

    provider: Provider
    currency: str
    lines: tuple[BasketLine, ...]

    @property
    def total(self) -> Money:
        return sum((line.total for line in self.lines), Money(0, self.currency))

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True)
class BasketNow:
    """A basket as it stands now, in the order in which things were put into it."""

    parts: tuple[BasketPart, ...]

    @property
    def lines(self) -> list[BasketLine]:
        return [line for part in self.parts for line in part.lines]

    @property
    def quantity(self) -> int:
        return sum(part.quantity for part in self.parts)

    @property
    def totals(self) -> list[Money]:
        """One sum for each currency: amounts are never converted or added across currencies."""
        sums: dict[str, Money] = {}
        for part in self.parts:
            sums[part.currency] = sums.get(part.currency, Money(0, part.currency)) + part.total
        return list(sums.values())

    @property
    def ready(self) -> bool:
        """There is something in it, and all of it can be ordered now."""
        return bool(self.parts) and all(line.problem is None for line in self.lines)


def read_basket(session: Session, basket_id: UUID | None, now: datetime) -> BasketNow:
    """What is in a basket that has not been placed. An unknown or placed one is empty."""
    if basket_id is None:
        return BasketNow(())
    rows = session.execute(
        _live(now)
        .add_columns(BasketItem.quantity)
        .join(BasketItem, BasketItem.offer_id == Offer.id)
        .join(Basket, BasketItem.basket_id == Basket.id)
        .where(Basket.id == basket_id, Basket.group_id.is_(None))
        .order_by(BasketItem.added_at, BasketItem.offer_id)
    )
    parts: dict[tuple[UUID, str], list[BasketLine]] = {}
    for offer, block, activity, available, sellable, quantity in rows:
        left = available if sellable else 0
        line = BasketLine(offer, block, activity, quantity, left, _problem(offer, quantity, left, now))
        parts.setdefault((offer.provider_id, offer.currency), []).append(line)
    return BasketNow(
        tuple(
            BasketPart(lines[0].offer.provider, currency, tuple(lines))
            for (_, currency), lines in parts.items()
        )
    )


def read_offer(session: Session, offer_id: UUID, now: datetime) -> tuple[Offer, int] | None:
    """An offer and how many of its units can be ordered now; None if there is no such offer."""
    row = session.execute(_live(now).where(Offer.id == offer_id)).one_or_none()
    if row is None:
        return None
    offer, _, _, available, sellable = row
    return offer, available if sellable else 0


def common_methods(session: Session, basket: BasketNow) -> list[str]:
    """Codes of the gateways by which every part of the basket can be paid, in alphabetical order."""
    pairs = {(part.provider.id, part.currency) for part in basket.parts}
    found = [_methods(session, provider_id, currency) for provider_id, currency in pairs]
    return sorted(set.intersection(*found)) if found else []


def _methods(session: Session, provider_id: UUID, currency: str) -> set[str]:
    accounts: Iterable[str] = session.execute(
        select(ProviderPayeeAccount.gateway).where(
            ProviderPayeeAccount.provider_id == provider_id,
            ProviderPayeeAccount.state == AccountState.ACTIVE,
            ProviderPayeeAccount.tested_at.is_not(None),
            literal(currency) == func.any(ProviderPayeeAccount.currencies),
        )
    ).scalars()
    return set(accounts)


def _live(now: datetime) -> Select[Offer, Block, Activity, int, bool]:
    return (
        select(Offer, Block, Activity, available_units(), is_sellable(now))
        .join(Mandate, Offer.mandate_id == Mandate.mandate_id)
        .join(Block, Mandate.block_id == Block.block_id)
        .join(Activity, Block.activity_ref == Activity.activity_ref)
        .join(Offer.provider)
        .options(contains_eager(Offer.provider), selectinload(Offer.tiers))
        .execution_options(populate_existing=True)
    )


def _problem(offer: Offer, quantity: int, left: int, now: datetime) -> QuantityRefused | None:
    try:
        check_quantity(offer, quantity, left, now)
    except QuantityRefused as refused:
        return refused
    return None
