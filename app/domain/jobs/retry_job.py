"""An administrator has a job that was given up tried once more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.reasons import given_reason


class NotFailed(Exception):
    """The job is not there, or was not given up."""


def retry_job(session: Session, job_id: int, reason: str, administrator_id: UUID, now: datetime) -> None:
    """Put the job back into the queue, to be run at once. The caller commits. Raises ReasonMissing, NotFailed.

    Every job may be repeated: what it has done already it finds done.
    """
    said = given_reason(reason)
    task = session.execute(
        text("SELECT task_name FROM procrastinate_jobs WHERE id = :id AND status = 'failed' FOR UPDATE"),
        {"id": job_id},
    ).scalar_one_or_none()
    if task is None:
        raise NotFailed
    session.execute(
        text("SELECT procrastinate_retry_job_v2(:id, :now, NULL, NULL, NULL)"), {"id": job_id, "now": now}
    )
    record(
        session,
        Event.JOB_RETRIED,
        "job",
        str(job_id),
        now,
        actor="administrator",
        person_id=administrator_id,
        task=task,
        reason=said,
    )
