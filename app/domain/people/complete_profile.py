"""A buyer says who they are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.locked import locked_person
from app.domain.people.models import Person, PersonKind


def complete_profile(
    session: Session,
    person_id: UUID,
    *,
    name: str,
    language: str,
    country: str | None,
    kind: PersonKind | None,
    now: datetime,
) -> Person:
    """Keep what was typed and checked: name, language of mails, country (ISO 3166-1 alpha-2) and kind."""
    person = locked_person(session, person_id)
    person.name = name
    person.language = language
    person.country = country
    person.kind = kind
    person.profile_at = now
    record(session, Event.PROFILE_CHANGED, "person", person.id, now, actor="buyer", person_id=person.id)
    return person
