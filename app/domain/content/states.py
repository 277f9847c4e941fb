"""The steps of what a provider shows of an activity (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.content.models import ActivityContent
from app.domain.content.models import ContentState as S
from app.domain.states import take_step

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "show": (frozenset({S.WAITING, S.REFUSED}), S.SHOWN),
    "refuse": (frozenset({S.WAITING, S.SHOWN}), S.REFUSED),
    "replace": (frozenset({S.WAITING, S.SHOWN}), S.REMOVED),
    "remove": (frozenset({S.WAITING, S.SHOWN, S.REFUSED}), S.REMOVED),
}


def step(session: Session, content: ActivityContent, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of a piece of content; IllegalStep where there is none."""
    take_step(
        session,
        content,
        name,
        STEPS,
        Event.CONTENT_STEP,
        now,
        order_id=None,
        kind=content.kind.value,
        activity=content.activity_ref,
        **payload,
    )
