"""An administrator signs somebody out everywhere: a lost laptop, a role taken away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.end_everywhere import end_everywhere
from app.domain.people.locked import locked_person
from app.domain.people.models import EndedWhy
from app.domain.people.reasons import given_reason


def sign_out_person(
    session: Session, person_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> int:
    """End all sign-ins of the person, who may sign in anew. How many there were. Raises ReasonMissing."""
    said = given_reason(reason)
    locked_person(session, person_id)
    ended = end_everywhere(session, person_id, EndedWhy.EVERYWHERE, now)
    record(
        session,
        Event.PERSON_SIGNED_OUT,
        "person",
        person_id,
        now,
        actor="administrator",
        person_id=administrator_id,
        reason=said,
        sign_ins_ended=ended,
    )
    return ended
