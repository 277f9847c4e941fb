"""Reading the trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.people.models import Person

PAGE_SIZE = 50


@dataclass(frozen=True)
class TrailPage:
    """Some rows, newest first, each with the person who acted where one did. `older`: where the next page begins."""

    rows: Sequence[tuple[AuditEvent, Person | None]]
    older: int | None


def read_trail(
    session: Session,
    *,
    before: int | None = None,
    event: str | None = None,
    entity_id: str | None = None,
    order_id: UUID | None = None,
) -> TrailPage:
    """A page of the trail, of one kind of event, about one entity or one order if asked for.

    `before` is a row's id: pages do not move under the reader while new rows are written.
    """
    wanted = (
        select(AuditEvent, Person)
        .outerjoin(Person, Person.id == AuditEvent.actor_person_id)
        .order_by(AuditEvent.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if before is not None:
        wanted = wanted.where(AuditEvent.id < before)
    if event:
        wanted = wanted.where(AuditEvent.event == event)
    if entity_id:
        wanted = wanted.where(AuditEvent.entity_id == entity_id)
    if order_id is not None:
        wanted = wanted.where(AuditEvent.order_id == order_id)
    found = [(row, person) for row, person in session.execute(wanted)]
    shown = found[:PAGE_SIZE]
    return TrailPage(shown, shown[-1][0].id if len(found) > PAGE_SIZE else None)
