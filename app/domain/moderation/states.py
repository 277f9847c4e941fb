"""The steps of a text that the public would read (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.moderation.models import ModeratedText
from app.domain.moderation.models import ModerationState as S
from app.domain.states import take_step

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "show": (frozenset({S.WAITING, S.TAKEN_DOWN}), S.SHOWN),
    "take_down": (frozenset({S.WAITING, S.SHOWN}), S.TAKEN_DOWN),
    "look_again": (frozenset({S.SHOWN, S.TAKEN_DOWN}), S.WAITING),
}


def step(session: Session, text: ModeratedText, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of a text; IllegalStep where there is none. The trail names no word of the text."""
    take_step(
        session,
        text,
        name,
        STEPS,
        Event.TEXT_DECIDED,
        now,
        order_id=text.order_id,
        kind=text.kind.value,
        **payload,
    )
