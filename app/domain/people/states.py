"""The steps of a provider (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.people.models import Provider
from app.domain.people.models import ProviderState as S
from app.domain.states import take_step

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "suspend": (frozenset({S.ACTIVE}), S.SUSPENDED),
    "reinstate": (frozenset({S.SUSPENDED}), S.ACTIVE),
}


def step(session: Session, provider: Provider, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of a provider; IllegalStep where there is none."""
    take_step(session, provider, name, STEPS, Event.PROVIDER_STEP, now, order_id=None, **payload)
