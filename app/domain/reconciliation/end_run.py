"""A comparison has ended: what it found is kept, and what it did not find any more is gone."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.reconciliation.compare import KINDS, Finding
from app.domain.reconciliation.models import Difference, DifferenceState, ReconciliationRun
from app.domain.reconciliation.queries import registry_standing
from app.domain.reconciliation.states import step


def end_run(session: Session, run_id: UUID, findings: Iterable[Finding], now: datetime) -> ReconciliationRun:
    """Keep every difference once, however often it is found. One that was explained and has changed is open again.

    A run that has ended stays as it is. The caller commits.
    """
    run = _locked(session, run_id)
    if run.ended_at is not None:
        return run
    standing = {
        (each.kind, each.entity_id): each
        for each in session.scalars(select(Difference).where(Difference.state != DifferenceState.GONE))
    }
    for finding in findings:
        known = standing.pop((finding.kind, finding.entity_id), None)
        if known is None:
            session.add(_new(finding, run, now))
            continue
        if (known.here, known.there) != (finding.here, finding.there):
            known.here, known.there = finding.here, finding.there
            if known.state == DifferenceState.EXPLAINED:
                step(session, known, "change", now)
        known.last_run_id, known.last_seen_at = run.id, now
    for gone in standing.values():
        step(session, gone, "go", now)
    session.flush()
    run.found = registry_standing(session).open
    run.ended_at = now
    record(
        session,
        Event.RECONCILIATION_ENDED,
        "reconciliation_run",
        run.id,
        now,
        cancellations=run.cancellations,
        mandates=run.mandates,
        open=run.found,
    )
    return run


def break_off_run(session: Session, run_id: UUID, problem: str, now: datetime) -> None:
    """The registry did not answer to the end: nothing is known to be gone, and why is shown. The caller commits."""
    run = _locked(session, run_id)
    if run.ended_at is None:
        run.problem, run.ended_at = problem, now


def _new(finding: Finding, run: ReconciliationRun, now: datetime) -> Difference:
    return Difference(
        id=uuid4(),
        kind=finding.kind,
        entity=KINDS[finding.kind],
        entity_id=finding.entity_id,
        order_id=finding.order_id,
        here=finding.here,
        there=finding.there,
        first_run_id=run.id,
        last_run_id=run.id,
        first_seen_at=now,
        last_seen_at=now,
    )


def _locked(session: Session, run_id: UUID) -> ReconciliationRun:
    return session.execute(
        select(ReconciliationRun)
        .where(ReconciliationRun.id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
