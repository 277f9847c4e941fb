"""Keep what a check of the trail has found: the next one wants to find this one's head again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.models import AuditCheck
from app.domain.audit.record import Event, record
from app.domain.audit.verify_trail import Verdict


def keep_verdict(
    session: Session, verdict: Verdict, now: datetime, *, person_id: UUID | None = None
) -> AuditCheck:
    """Add a row for it, and one of the trail itself. `person_id`: the administrator who asked for it; None at night."""
    check = AuditCheck(
        checked_at=now,
        rows=verdict.rows,
        head=verdict.head,
        hash=verdict.hash,
        whole=verdict.whole,
        found=verdict.found,
        problems=[
            {"what": each.what.value, "number": each.number, "event_id": each.event_id}
            for each in verdict.problems
        ],
    )
    session.add(check)
    session.flush()
    record(
        session,
        Event.TRAIL_VERIFIED,
        "audit_check",
        str(check.id),
        now,
        actor="administrator" if person_id else "platform",
        person_id=person_id,
        whole=verdict.whole,
        rows=verdict.rows,
        head=verdict.head,
        hash=verdict.hash.hex(),
        problems=verdict.found,
    )
    return check
