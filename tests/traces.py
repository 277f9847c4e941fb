"""What an act leaves behind beside the rows it is about: jobs, mails, rows of the audit trail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.mails.models import Mail


def jobs(session: Session, task: str) -> list[dict[str, str]]:
    """The arguments of the jobs that wait under this name, oldest first."""
    return [arguments for arguments, _ in timed_jobs(session, task)]


def timed_jobs(session: Session, task: str) -> list[tuple[dict[str, str], datetime | None]]:
    """The same, each with the earliest time at which it may run; None: at once."""
    rows = session.execute(
        text(
            "SELECT args, scheduled_at FROM procrastinate_jobs"
            " WHERE task_name = :task AND status = 'todo' ORDER BY id"
        ),
        {"task": task},
    )
    return [(row.args, row.scheduled_at) for row in rows]


def forget_jobs(session: Session) -> None:
    """No job waits any more, as if the worker had run them all."""
    session.execute(text("DELETE FROM procrastinate_jobs"))


def mails(session: Session, kind: str) -> list[Mail]:
    """The mails of a kind, whatever became of them."""
    return list(session.execute(select(Mail).where(Mail.kind == kind)).scalars())


def trail(session: Session, entity_id: UUID) -> list[AuditEvent]:
    """The rows of the audit trail about one entity, oldest first."""
    return list(
        session.execute(
            select(AuditEvent).where(AuditEvent.entity_id == str(entity_id)).order_by(AuditEvent.id)
        ).scalars()
    )


def steps(session: Session, entity_id: UUID) -> list[str]:
    """The names of the steps that an entity took, in order."""
    return [row.payload["step"] for row in trail(session, entity_id) if "step" in row.payload]


def payloads(session: Session, entity_id: UUID, event: str) -> list[dict[str, Any]]:
    """What the trail holds of one kind of event about an entity."""
    return [row.payload for row in trail(session, entity_id) if row.event == event]


def books(session: Session) -> dict[str, int]:
    """How many rows each table has that an act could add to: to show that nothing was added."""
    tables = ("audit_event", "payment", "payment_entry", "cancellation", "mail", "procrastinate_jobs")
    session.flush()
    return {table: session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables}
