"""Verify the audit trail and keep the verdict; the log gets the head, out of the database's reach."""

from uuid import UUID

import structlog

from app.domain.audit.keep_verdict import keep_verdict
from app.domain.audit.verify_trail import Verdict, verify_trail
from app.shells.works import Works

log = structlog.get_logger(__name__)


class TrailBroken(Exception):
    """The nightly check has found the trail broken; whoever looks at the periodic work sees it, too."""


def check_trail_nightly(works: Works) -> None:
    """Raises TrailBroken once everything is kept."""
    verdict = check_trail(works)
    if not verdict.whole:
        raise TrailBroken(f"{verdict.found} places")


def check_trail(works: Works, person_id: UUID | None = None) -> Verdict:
    """Two transactions: the long one only reads. `person_id`: the administrator who asked for it.

    A broken trail is an alarm: an error in the log.
    """
    with works.sessions() as session:
        verdict = verify_trail(session)
    with works.sessions.begin() as session:
        keep_verdict(session, verdict, works.now(), person_id=person_id)
    head = {"rows": verdict.rows, "head": verdict.head, "hash": verdict.hash.hex()}
    if verdict.whole:
        log.info("audit trail is whole", **head)
    else:
        first = verdict.problems[0]
        log.error(
            "audit trail is broken",
            **head,
            problems=verdict.found,
            first=first.what.value,
            number=first.number,
            event_id=first.event_id,
        )
    return verdict
