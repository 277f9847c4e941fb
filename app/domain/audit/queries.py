"""Reading the trail, newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditCheck, AuditEvent
from app.domain.orders.models import Order
from app.domain.people.models import Person

PAGE_SIZE = 50
ACTORS = ("buyer", "provider", "administrator", "operator", "platform")
_BATCH = 1000  # rows of an export fetched at once


@dataclass(frozen=True)
class TrailSearch:
    """What is looked for; what is empty is not asked about. Days are UTC."""

    event: str = ""
    actor: str = ""
    person: str = ""  # a whole e-mail address or an id: what the person did, and what was done to them
    entity: str = ""  # an id
    order: str = ""  # an order's number
    since: date | None = None
    until: date | None = None  # that day, too
    reason: str = ""  # in the words that an administrator gave as a reason

    def as_json(self) -> dict[str, str]:
        """What is asked for, by its name."""
        return {name: str(value) for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class TrailPage:
    """Some rows, newest first, each with the person who acted where one did. `older`: where the next page begins."""

    rows: Sequence[tuple[AuditEvent, Person | None]]
    older: int | None


def read_trail(
    session: Session,
    *,
    before: int | None = None,
    entity_id: str | None = None,
    order_id: UUID | None = None,
) -> TrailPage:
    """A page of the trail, about one entity or one order if asked for.

    `before` is a row's id: pages do not move under the reader while new rows are written.
    """
    wanted = _rows()
    if entity_id:
        wanted = wanted.where(AuditEvent.entity_id == entity_id)
    if order_id is not None:
        wanted = wanted.where(AuditEvent.order_id == order_id)
    return _page(session, wanted, before)


def search_trail(session: Session, search: TrailSearch, *, before: int | None = None) -> TrailPage:
    """A page of the rows that are looked for."""
    return _page(session, _rows().where(*_met(session, search)), before)


def every_row(
    session: Session, search: TrailSearch
) -> Iterator[tuple[AuditEvent, Person | None, str | None]]:
    """All the rows that are looked for, newest first, each with the person who acted and the number of its order.

    Fetched in batches: with a session whose statements are transactions of their own, none stays open while they are sent.
    """
    before: int | None = None
    while True:
        wanted = _rows().where(*_met(session, search)).limit(_BATCH)
        if before is not None:
            wanted = wanted.where(AuditEvent.id < before)
        rows = session.execute(
            wanted.add_columns(Order.number).outerjoin(Order, Order.id == AuditEvent.order_id)
        ).all()
        yield from ((row, person, number) for row, person, number in rows)
        if len(rows) < _BATCH:
            return
        before = rows[-1][0].id
        session.expunge_all()


def reason_of(event: AuditEvent) -> str:
    """The words of an administrator; "" where there are none: the reason of a state, say, is a code."""
    if event.actor != "administrator":
        return ""
    return str(event.payload.get("note") or event.payload.get("reason") or "")


def last_check(session: Session) -> AuditCheck | None:
    """What was last found of the whole trail."""
    return session.scalars(select(AuditCheck).order_by(AuditCheck.id.desc()).limit(1)).one_or_none()


def _rows() -> Select[AuditEvent, Person]:
    return (
        select(AuditEvent, Person)
        .outerjoin(Person, Person.id == AuditEvent.actor_person_id)
        .order_by(AuditEvent.id.desc())
    )


def _page(session: Session, wanted: Select[AuditEvent, Person], before: int | None) -> TrailPage:
    if before is not None:
        wanted = wanted.where(AuditEvent.id < before)
    found = [(row, person) for row, person in session.execute(wanted.limit(PAGE_SIZE + 1))]
    shown = found[:PAGE_SIZE]
    return TrailPage(shown, shown[-1][0].id if len(found) > PAGE_SIZE else None)


def _met(session: Session, search: TrailSearch) -> Iterator[ColumnElement[bool]]:
    payload: Any = AuditEvent.payload
    if search.event:
        yield AuditEvent.event == search.event
    if search.actor:
        yield AuditEvent.actor == search.actor
    if search.person:
        people = _people(session, search.person)
        yield or_(
            AuditEvent.actor_person_id.in_(people),
            (AuditEvent.entity == "person") & AuditEvent.entity_id.in_([str(each) for each in people]),
        )
    if search.entity:
        yield AuditEvent.entity_id == search.entity
    if search.order:
        order = select(Order.id).where(Order.number == search.order.upper())
        yield AuditEvent.order_id == order.scalar_subquery()
    if search.since is not None:
        yield AuditEvent.at >= _begin(search.since)
    if search.until is not None and search.until < date.max:
        yield AuditEvent.at < _begin(search.until + timedelta(days=1))
    if search.reason:
        # An administrator's rows are few among the others, and have an index of their own.
        yield AuditEvent.actor == "administrator"
        words = func.concat_ws(" ", payload["note"].astext, payload["reason"].astext)
        yield words.icontains(search.reason, autoescape=True)


def _people(session: Session, person: str) -> list[UUID]:
    """Everybody with this id or this whole address; erased ones only by their id."""
    try:
        return [UUID(person)]
    except ValueError:
        return list(session.scalars(select(Person.id).where(func.lower(Person.email) == person.lower())))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
