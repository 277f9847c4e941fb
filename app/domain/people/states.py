"""The steps of a provider (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.people.models import Provider
from app.domain.people.models import ProviderState as S
from app.domain.states import take_step

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "submit": (frozenset({S.ONBOARDING}), S.IN_REVIEW),
    "send_back": (frozenset({S.IN_REVIEW}), S.ONBOARDING),
    "approve": (frozenset({S.IN_REVIEW}), S.ACTIVE),
    "suspend": (frozenset({S.ACTIVE}), S.SUSPENDED),
    "reinstate": (frozenset({S.SUSPENDED}), S.ACTIVE),
    "delist": (frozenset({S.IN_REVIEW, S.ACTIVE, S.SUSPENDED}), S.DELISTED),
    "relist": (frozenset({S.DELISTED}), S.ACTIVE),
}


def step(session: Session, provider: Provider, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of a provider; IllegalStep where there is none."""
    take_step(session, provider, name, STEPS, Event.PROVIDER_STEP, now, order_id=None, **payload)
