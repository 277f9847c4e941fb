"""Defer a job in the very transaction that causes it: both are committed, or neither."""

from datetime import datetime
from typing import cast
from uuid import UUID

import procrastinate
from procrastinate import SyncPsycopgConnector
from sqlalchemy import text
from sqlalchemy.orm import Session

# Only writes job rows on connections handed to it; the worker has an App of its own in app.jobs.
_queue = procrastinate.App(connector=SyncPsycopgConnector())


def defer(session: Session, task: str, *, at: datetime | None = None, **ids: UUID | str) -> None:
    """Ask for `task` once the session's transaction is committed; `at` is the earliest time, UTC.

    Arguments are ids, as text in the job: the row may have changed by the time the job runs.
    """
    connection = session.connection().connection.driver_connection
    job = _queue.configure_task(task, allow_unknown=True, schedule_at=at, connection=connection)
    job.defer(**cast("dict[str, str]", {name: str(value) for name, value in ids.items()}))


def waited_for(session: Session, task: str) -> frozenset[str]:
    """The ids, as text, for which a job of this name waits, for its time or another try, or runs right now."""
    rows = session.execute(
        text("SELECT args FROM procrastinate_jobs WHERE task_name = :task AND status IN ('todo', 'doing')"),
        {"task": task},
    )
    return frozenset(subject for row in rows for subject in row.args.values())
