"""A periodic job comes and goes: written down, so that somebody sees when one has stopped coming."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.jobs.models import PeriodicRun


def note_begin(session: Session, name: str, now: datetime) -> None:
    """It begins. The caller commits, before it works."""
    session.execute(
        insert(PeriodicRun)
        .values(name=name, began_at=now)
        .on_conflict_do_update(
            index_elements=[PeriodicRun.name], set_={"began_at": now, "ended_at": None, "problem": None}
        )
    )


def note_end(session: Session, name: str, now: datetime, problem: str | None = None) -> None:
    """It has ended, well or with a problem. The caller commits."""
    run = session.get_one(PeriodicRun, name)
    run.ended_at, run.problem = now, problem
    if problem is None:
        run.ok_at = now
