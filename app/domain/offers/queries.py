"""Reading what happened to offers, what is to happen, and what administrators look at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, case, or_, select
from sqlalchemy.orm import Session, aliased

from app.domain.audit.models import AuditEvent
from app.domain.audit.queries import TrailPage
from app.domain.mandates.models import ActKind, ActState, MandateAct
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.own_offers import OffersPage, series_of
from app.domain.offers.terms_models import OfferChange, OfferChangeState
from app.domain.people.models import Person

PAGE_SIZE = 50


def offer_trail(session: Session, offers: Collection[UUID], before: int | None = None) -> TrailPage:
    """What happened to these offers, newest first; `before` is a row's id."""
    wanted = (
        select(AuditEvent, Person)
        .outerjoin(Person, Person.id == AuditEvent.actor_person_id)
        .where(AuditEvent.entity_id.in_([str(offer_id) for offer_id in offers]), AuditEvent.entity == "offer")
        .order_by(AuditEvent.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if before is not None:
        wanted = wanted.where(AuditEvent.id < before)
    found = [(row, person) for row, person in session.execute(wanted)]
    shown = found[:PAGE_SIZE]
    return TrailPage(shown, shown[-1][0].id if len(found) > PAGE_SIZE else None)


@dataclass(frozen=True)
class Planned:
    """A change with a date, and who asked for it."""

    change: OfferChange
    person: Person


def planned_changes(session: Session, head_id: UUID) -> list[Planned]:
    """The scheduled changes of an offer that have left no row of their own in its trail: those that wait, were dropped
    or withdrawn. In the order of their times, the newest fifty.
    """
    rows = session.execute(
        select(OfferChange, Person)
        .join(Person, Person.id == OfferChange.asked_by)
        .where(OfferChange.offer_id == head_id, OfferChange.state != OfferChangeState.APPLIED)
        .order_by(OfferChange.due_at.desc(), OfferChange.id)
        .limit(PAGE_SIZE)
    )
    return [Planned(change, person) for change, person in rows][::-1]


def added_while_asked(session: Session, head_id: UUID) -> Sequence[MandateAct]:
    """Units that are being added to an offer: asked of the registry, and not answered yet."""
    return session.scalars(
        select(MandateAct)
        .where(
            MandateAct.added_to == head_id,
            MandateAct.kind == ActKind.GRANT,
            MandateAct.state == ActState.ASKED,
        )
        .order_by(MandateAct.asked_at)
    ).all()


def all_offers(
    session: Session, now: datetime, state: OfferState | None = None, after: UUID | None = None
) -> OffersPage:
    """One page of everybody's offers for administrators, those that wait for review first, then the newest.

    `state`: only those of which something is in it. `after` is the id of an offer: pages do not move under the reader.
    """
    rank = case((Offer.state == OfferState.IN_REVIEW, 0), else_=1)
    wanted = (
        select(Offer.id)
        .where(Offer.added_to.is_(None))
        .order_by(rank, Offer.created_at.desc(), Offer.id)
        .limit(PAGE_SIZE + 1)
    )
    if state is not None:
        part = aliased(Offer)
        added = select(part.id).where(part.added_to == Offer.id, part.state == state).exists()
        wanted = wanted.where(or_(Offer.state == state, added))
    last = session.get(Offer, after) if after else None
    if last is not None:
        place = 0 if last.state == OfferState.IN_REVIEW else 1
        older = or_(
            Offer.created_at < last.created_at,
            and_(Offer.created_at == last.created_at, Offer.id > last.id),
        )
        wanted = wanted.where(or_(rank > place, and_(rank == place, older)))
    found = session.scalars(wanted).all()
    shown = found[:PAGE_SIZE]
    return OffersPage(series_of(session, shown, now), shown[-1] if len(found) > PAGE_SIZE else None)
