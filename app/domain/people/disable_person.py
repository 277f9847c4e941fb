"""Keep a person out: every browser is signed out, and no new sign-in is taken."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.end_everywhere import end_everywhere
from app.domain.people.locked import locked_person
from app.domain.people.models import EndedWhy, Person
from app.domain.people.reasons import given_reason


class NotOneself(Exception):
    """An administrator who keeps themselves out could not let themselves in again."""


def disable_person(
    session: Session, person_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Person:
    """Disable a person. Nothing happens to one who is disabled already. Raises ReasonMissing, NotOneself."""
    said = given_reason(reason)
    if person_id == administrator_id:
        raise NotOneself
    person = locked_person(session, person_id)
    if person.disabled_at is None:
        person.disabled_at = now
        ended = end_everywhere(session, person_id, EndedWhy.DISABLED, now)
        record(
            session,
            Event.PERSON_DISABLED,
            "person",
            person_id,
            now,
            actor="administrator",
            person_id=administrator_id,
            reason=said,
            sign_ins_ended=ended,
        )
    return person
