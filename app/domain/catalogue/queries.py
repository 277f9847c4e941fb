"""The catalogue as the public sees it: what is on sale right now, searched, counted and sorted.

One card stands for one activity with all its offers that match. A vintage, a class and a price must be
met by one and the same offer. Prices are never converted: a price filter compares the number as it is
printed, in each offer's own currency, and a price order goes through one currency after the other
(docs/decisions.md, "Prices in several currencies").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.catalogue.search_text import fold
from app.domain.catalogue.statements import FACETS, NUMBERS, PAGE_SIZE, on_sale, search_statement
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.offer_texts import texts_of
from app.domain.offers.sellable import available_units
from app.domain.people.models import Provider, ProviderState
from app.money import Money


@dataclass(frozen=True)
class Search:
    """What a visitor looks for. Empty means any; values within one filter are alternatives."""

    text: str = ""
    countries: tuple[str, ...] = ()
    technologies: tuple[str, ...] = ()
    scopes: tuple[int, ...] = ()
    vintages: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    sdgs: tuple[int, ...] = ()
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    sort: str = "mixed"
    page: int = 1


@dataclass(frozen=True)
class Card:
    """An activity with what of it matches and is on sale."""

    activity_ref: str
    title: str
    host_party: str
    technology: str
    scopes: tuple[int, ...]
    sdgs: tuple[int, ...]
    vintages: tuple[int, ...]  # newest first
    classes: tuple[str, ...]
    prices: tuple[Money, ...]  # the lowest per tonne, in each currency
    offers: int
    available: int  # tonnes


@dataclass(frozen=True)
class Counts:
    """How many activities each option would leave, the other filters being as they are."""

    countries: dict[str, int]
    technologies: dict[str, int]
    scopes: dict[int, int]
    vintages: dict[int, int]
    classes: dict[str, int]
    sdgs: dict[int, int]


@dataclass(frozen=True)
class Figures:
    """What the platform offers, whatever is looked for, and has done, in three numbers."""

    activities: int
    countries: int
    cancelled: int  # tonnes


@dataclass(frozen=True)
class Found:
    """One page of results."""

    cards: list[Card]
    counts: Counts
    currencies: tuple[str, ...]  # of all offers that match
    total: int  # activities on all pages
    page: int  # 1 if there is none
    pages: int
    figures: Figures


@dataclass(frozen=True)
class OfferOnSale:
    offer: Offer
    block: Block
    provider: Provider
    available: int  # tonnes that can be ordered now
    texts: Mapping[str, str]  # language → what the provider says of it


@dataclass(frozen=True)
class ActivityPage:
    """An activity, what of it is on sale, and what was issued of it as far as the platform knows."""

    activity: Activity
    offers: list[OfferOnSale]
    blocks: list[Block]
    cancelled: int  # tonnes, through the platform
    on_sale_from: datetime | None  # while nothing is on sale: when something will be, if that is known


def search(session: Session, wanted: Search, now: datetime, featured: Sequence[str] = ()) -> Found:
    """One page of the catalogue with its counts and figures, in one query. A page past the end becomes the last one.

    `featured`: references of activities that come first in the mix of the day, in this order.
    """
    values = _parameters(wanted, now)
    if wanted.sort == "mixed":
        values["featured"] = list(featured)
    statement = search_statement(bool(values["words"]), wanted.sort)
    row = session.connection().execute(statement, values).mappings().one()
    counts: dict[str, Any] = {
        # A JSON object's keys are texts.
        name: {
            int(option) if name in NUMBERS else option: count for option, count in (row[name] or {}).items()
        }
        for name in FACETS
    }
    pages = max(-(-row["total"] // PAGE_SIZE), 1)
    return Found(
        cards=[_card(card) for card in row["cards"] or []],
        counts=Counts(**counts),
        currencies=tuple(sorted(row["currencies"] or {})),
        total=row["total"],
        page=min(max(wanted.page, 1), pages),
        pages=pages,
        figures=Figures(row["activities"], row["hosts"], int(row["cancelled"])),
    )


def activity_page(session: Session, activity_ref: str, now: datetime) -> ActivityPage | None:
    """Everything the activity's page shows; None for a reference that the registry never told us."""
    activity = session.get(Activity, activity_ref)
    if activity is None:
        return None
    available = available_units()
    offers = session.execute(
        on_sale(select(Offer, Block, Provider, available), now)
        .where(Activity.activity_ref == activity_ref)
        .options(selectinload(Offer.tiers))
        .order_by(Block.vintage.desc(), Block.issuance_ref, Offer.currency, Offer.price_minor, Offer.id)
    ).all()
    texts = texts_of(session, [offer.id for offer, *_ in offers]) if offers else {}
    blocks = session.scalars(
        select(Block)
        .where(Block.activity_ref == activity_ref)
        .order_by(Block.vintage.desc(), Block.issuance_ref, Block.serial_start)
    )
    cancelled = session.scalar(
        select(func.coalesce(func.sum(Offer.cancelled), 0))
        .join(Mandate, Mandate.mandate_id == Offer.mandate_id)
        .join(Block, Block.block_id == Mandate.block_id)
        .where(Block.activity_ref == activity_ref)
    )
    return ActivityPage(
        activity,
        [
            OfferOnSale(offer, block, provider, left, texts.get(offer.id, {}))
            for offer, block, provider, left in offers
        ],
        list(blocks),
        int(cancelled or 0),
        None if offers else _first_day(session, activity_ref, now),
    )


def _first_day(session: Session, activity_ref: str, now: datetime) -> datetime | None:
    """When the first of the activity's offers that are not on sale yet will be."""
    return session.scalar(
        select(func.min(Offer.on_sale_from))
        .join(Provider, Provider.id == Offer.provider_id)
        .join(Mandate, Mandate.mandate_id == Offer.mandate_id)
        .join(Block, Block.block_id == Mandate.block_id)
        .where(
            Block.activity_ref == activity_ref,
            Offer.state == OfferState.PUBLISHED,
            Offer.on_sale_from > now,
            Provider.state == ProviderState.ACTIVE,
            Mandate.status == "active",
        )
    )


def _parameters(wanted: Search, now: datetime) -> dict[str, Any]:
    words = fold(wanted.text).split()
    return {
        "now": now,
        "day": now.date(),
        # Plain words by the index, by their beginnings; references and the like letter by letter.
        "words": " & ".join(f"{word}:*" for word in words if word.isalnum()),
        "patterns": [f"%{_plain(word)}%" for word in words if not word.isalnum()],
        "min_price": wanted.min_price or Decimal(0),
        "max_price": Decimal("Infinity") if wanted.max_price is None else wanted.max_price,
        "page": wanted.page,
        **{name: list(getattr(wanted, name)) for name in FACETS},
    }


def _plain(word: str) -> str:
    """A word in a LIKE pattern that stands for nothing but itself."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _card(row: dict[str, Any]) -> Card:
    lowest: dict[str, int] = {}
    for currency, minor in zip(row["currencies"], row["minors"], strict=True):
        lowest[currency] = min(minor, lowest.get(currency, minor))
    return Card(
        activity_ref=row["activity_ref"],
        title=row["title"],
        host_party=row["countries"],
        technology=row["technologies"],
        scopes=tuple(row["scopes"]),
        sdgs=tuple(row["sdgs"]),
        vintages=tuple(sorted(set(row["vintages"]), reverse=True)),
        classes=tuple(sorted(set(row["classes"]))),
        prices=tuple(Money(minor, currency) for currency, minor in sorted(lowest.items())),
        offers=len(row["minors"]),
        available=row["available"],
    )
