"""Let a person in again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.locked import locked_person
from app.domain.people.models import Person
from app.domain.people.reasons import given_reason


def enable_person(
    session: Session, person_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Person:
    """Enable a disabled person, who then signs in anew. Nothing happens to any other. Raises ReasonMissing."""
    said = given_reason(reason)
    person = locked_person(session, person_id)
    if person.disabled_at is not None:
        person.disabled_at = None
        record(
            session,
            Event.PERSON_ENABLED,
            "person",
            person_id,
            now,
            actor="administrator",
            person_id=administrator_id,
            reason=said,
        )
    return person
