"""Jobs as administrators see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.jobs.models import PeriodicRun

_SHOWN = 100


@dataclass(frozen=True)
class FailedJob:
    """A job that was given up: nobody foresaw what went wrong."""

    id: int
    task: str
    ids: dict[str, Any]
    attempts: int
    failed_at: datetime | None


def failed_jobs(session: Session) -> list[FailedJob]:
    """The newest that were given up and not tried again since."""
    rows = session.execute(
        text(
            "SELECT job.id, task_name, args, attempts, max(event.at) FROM procrastinate_jobs job "
            "LEFT JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'failed' "
            "WHERE status = 'failed' GROUP BY job.id ORDER BY job.id DESC LIMIT :most"
        ),
        {"most": _SHOWN},
    )
    return [FailedJob(*row) for row in rows]


def count_failed_jobs(session: Session) -> int:
    """How many were given up."""
    return int(
        session.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")).scalar_one()
    )


def periodic_runs(session: Session) -> Sequence[PeriodicRun]:
    """The last run of every periodic job, by name."""
    return session.scalars(select(PeriodicRun).order_by(PeriodicRun.name)).all()


@dataclass(frozen=True)
class JobShown:
    """A job about an order, while the queue still knows it: for a week after its end."""

    task: str
    status: str  # the queue’s own word
    attempts: int
    scheduled_at: datetime | None


def jobs_about(session: Session, ids: Iterable[UUID]) -> list[JobShown]:
    """The newest jobs that were given one of these ids: an order's, or those of its payments, cancellations, mails."""
    rows = session.execute(
        text(
            "SELECT task_name, status::text, attempts, scheduled_at FROM procrastinate_jobs "
            "WHERE EXISTS (SELECT FROM jsonb_each_text(args) AS each WHERE each.value = ANY(:ids)) "
            "ORDER BY id DESC LIMIT :most"
        ),
        {"ids": [str(each) for each in ids], "most": _SHOWN},
    )
    return [JobShown(*row) for row in rows]
