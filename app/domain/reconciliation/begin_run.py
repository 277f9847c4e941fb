"""A comparison with the registry begins: every night, or because an administrator wants it now."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.later import defer
from app.domain.reconciliation.models import ReconciliationRun
from app.domain.reconciliation.queries import run_under_way


def begin_run(session: Session, now: datetime, asked_by: UUID | None = None) -> ReconciliationRun:
    """The run, and the job that makes it. One that is under way already is given instead. The caller commits."""
    under_way = run_under_way(session, now)
    if under_way is not None:
        return under_way
    run = ReconciliationRun(id=uuid4(), began_at=now, asked_by=asked_by)
    session.add(run)
    session.flush()
    if asked_by is not None:
        record(
            session,
            Event.RECONCILIATION_ASKED,
            "reconciliation_run",
            run.id,
            now,
            actor="administrator",
            person_id=asked_by,
        )
    defer(session, "reconcile", run_id=run.id)
    return run
