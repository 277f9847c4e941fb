"""A provider's own offers, and what has become of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.orm import Session, contains_eager, selectinload

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.sellable import available_units, is_sellable, owing_providers
from app.domain.people.models import Provider

PAGE_SIZE = 50


@dataclass(frozen=True)
class OwnOffer:
    """An offer as its provider sees it.

    `standing` is its state, or for a published one: on_sale, not_yet and ended (its dates), taken_back and run_out (its
    mandate), all_held (orders hold what is left), not_on_sale (something else is in the way).
    """

    offer: Offer
    left: int  # units that can be ordered now; 0 when it is not on sale
    on_sale: bool
    standing: str

    @property
    def remaining(self) -> int:
        """Units that nobody holds and nobody has cancelled, on sale or not; 0 once the mandate covers none any more."""
        offer, mandate = self.offer, self.offer.mandate
        if mandate.status not in ("active", "suspended"):
            return 0
        return max(min(offer.left, mandate.quantity_remaining - offer.held), 0)


@dataclass(frozen=True)
class OwnSeries:
    """An offer with the units that were added to it, oldest first."""

    head: OwnOffer
    parts: Sequence[OwnOffer]

    @property
    def all(self) -> list[OwnOffer]:
        return [self.head, *self.parts]

    @property
    def remaining(self) -> int:
        return sum(own.remaining for own in self.all)

    @property
    def quantity(self) -> int:
        return sum(own.offer.quantity for own in self.all)

    @property
    def held(self) -> int:
        return sum(own.offer.held for own in self.all)

    @property
    def cancelled(self) -> int:
        return sum(own.offer.cancelled for own in self.all)

    @property
    def standing(self) -> str:
        """How the whole of it stands: what is sold out says nothing about the rest."""
        standings = [own.standing for own in self.all]
        if "on_sale" in standings:
            return "on_sale"
        return next((each for each in standings if each != OfferState.SOLD_OUT), standings[0])


@dataclass(frozen=True)
class OffersPage:
    """Some series, newest first. `older`: the id of the offer after which the next page begins."""

    rows: Sequence[OwnSeries]
    older: UUID | None


def stopped_by_debt(session: Session, provider_id: UUID, now: datetime) -> bool:
    """Is nothing of the provider's on sale because a buyer waits for their money for too long?"""
    return provider_id in session.scalars(owing_providers(now)).all()


def own_offers(session: Session, provider_id: UUID, now: datetime) -> Sequence[OwnOffer]:
    """Everything that the provider offers or has offered, the newest first."""
    return _read(session, Offer.provider_id == provider_id, now)


def own_offers_page(
    session: Session, provider_id: UUID, now: datetime, after: UUID | None = None
) -> OffersPage:
    """One page of it, what was added to an offer together with it.

    `after` is the id of one of these offers; any other begins at the newest.
    """
    mine = Offer.provider_id == provider_id
    wanted = (
        select(Offer.id)
        .where(mine, Offer.added_to.is_(None))
        .order_by(Offer.created_at.desc(), Offer.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    last = session.scalar(select(Offer).where(mine, Offer.id == after)) if after else None
    if last is not None:
        wanted = wanted.where(tuple_(Offer.created_at, Offer.id) < (last.created_at, last.id))
    found = session.scalars(wanted).all()
    shown = found[:PAGE_SIZE]
    return OffersPage(series_of(session, shown, now), shown[-1] if len(found) > PAGE_SIZE else None)


def read_series(
    session: Session, offer_id: UUID, now: datetime, provider_id: UUID | None = None
) -> OwnSeries | None:
    """The series that an offer belongs to. None if there is none, or it is not of the provider that is asked for."""
    named = session.get(Offer, offer_id)
    if named is None or provider_id not in (None, named.provider_id):
        return None
    [series] = series_of(session, [named.added_to or named.id], now)
    return series


def series_of(session: Session, heads: Sequence[UUID], now: datetime) -> list[OwnSeries]:
    """These offers, which were added to none, each with what was added to it, in the same order."""
    parts: dict[UUID, list[OwnOffer]] = {head: [] for head in heads}
    first: dict[UUID, OwnOffer] = {}
    for own in reversed(_read(session, or_(Offer.id.in_(heads), Offer.added_to.in_(heads)), now)):
        if own.offer.added_to is None:
            first[own.offer.id] = own
        else:
            parts[own.offer.added_to].append(own)
    return [OwnSeries(first[head], parts[head]) for head in heads]


def _read(session: Session, which: ColumnElement[bool], now: datetime) -> list[OwnOffer]:
    rows = session.execute(_with_facts(now).where(which).order_by(Offer.created_at.desc(), Offer.id))
    return [
        OwnOffer(
            offer,
            available if sellable else 0,
            sellable and available >= offer.min_quantity,
            _standing(offer, available, sellable, now),
        )
        for offer, available, sellable in rows
    ]


def _with_facts(now: datetime) -> Select[Offer, int, bool]:
    return (
        select(Offer, available_units(), is_sellable(now))
        .join(Offer.mandate)
        .join(Block, Block.block_id == Mandate.block_id)
        .join(Activity, Activity.activity_ref == Block.activity_ref)
        .join(Provider, Provider.id == Offer.provider_id)
        .options(
            contains_eager(Offer.mandate).contains_eager(Mandate.block).contains_eager(Block.activity),
            selectinload(Offer.tiers),
        )
    )


def _standing(offer: Offer, available: int, sellable: bool, now: datetime) -> str:
    if offer.state != OfferState.PUBLISHED:
        return offer.state.value
    if offer.on_sale_until is not None and offer.on_sale_until <= now:
        return "ended"
    if offer.on_sale_from is not None and offer.on_sale_from > now:
        return "not_yet"
    if offer.mandate.status == "revoked":
        return "taken_back"
    if offer.mandate.status == "expired" or (offer.mandate.expires_at and offer.mandate.expires_at <= now):
        return "run_out"
    if not sellable:
        return "not_on_sale"
    return "on_sale" if available >= offer.min_quantity else "all_held"
