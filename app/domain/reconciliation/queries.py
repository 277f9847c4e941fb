"""Reading comparisons and differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.reconciliation.models import Difference, DifferenceState, ReconciliationRun

# A run that has not ended by then was given up: its job is tried again, or a new one is begun.
_GIVEN_UP_AFTER = timedelta(hours=6)
_GONE_SHOWN = 50


@dataclass(frozen=True)
class Standing:
    """What anybody may know: when all was last compared, how much, and what differs."""

    compared_at: datetime | None
    cancellations: int
    open: int
    explained: int


def run_under_way(session: Session, now: datetime) -> ReconciliationRun | None:
    """The run that has not ended yet."""
    return session.scalars(
        select(ReconciliationRun)
        .where(ReconciliationRun.ended_at.is_(None), ReconciliationRun.began_at > now - _GIVEN_UP_AFTER)
        .order_by(ReconciliationRun.began_at.desc())
    ).first()


def last_run(session: Session) -> ReconciliationRun | None:
    """The newest run, however it went."""
    return session.scalars(select(ReconciliationRun).order_by(ReconciliationRun.began_at.desc())).first()


def standing_differences(session: Session) -> Sequence[Difference]:
    """Those that there are, what nobody has explained yet first, then the oldest."""
    return session.scalars(
        select(Difference)
        .where(Difference.state != DifferenceState.GONE)
        .order_by(Difference.state != DifferenceState.OPEN, Difference.first_seen_at, Difference.id)
    ).all()


def gone_differences(session: Session) -> Sequence[Difference]:
    """The last ones that are gone, the newest first."""
    return session.scalars(
        select(Difference)
        .where(Difference.state == DifferenceState.GONE)
        .order_by(Difference.last_seen_at.desc(), Difference.id)
        .limit(_GONE_SHOWN)
    ).all()


def registry_standing(session: Session) -> Standing:
    """The last comparison that was made, and the differences that stand now."""
    run = session.scalars(
        select(ReconciliationRun)
        .where(ReconciliationRun.ended_at.is_not(None), ReconciliationRun.problem.is_(None))
        .order_by(ReconciliationRun.ended_at.desc())
    ).first()
    rows = session.execute(select(Difference.state, func.count(Difference.id)).group_by(Difference.state))
    counts = dict(iter(rows))
    return Standing(
        run.ended_at if run else None,
        run.cancellations if run else 0,
        counts.get(DifferenceState.OPEN, 0),
        counts.get(DifferenceState.EXPLAINED, 0),
    )


def difference_of(session: Session, difference_id: UUID) -> Difference | None:
    """One difference by its id."""
    return session.get(Difference, difference_id)
