"""The steps of a scheduled change of an offer (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.offers.terms_models import OfferChange
from app.domain.offers.terms_models import OfferChangeState as S
from app.domain.states import take_step

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "apply": (frozenset({S.WAITING}), S.APPLIED),
    "drop": (frozenset({S.WAITING}), S.DROPPED),
    "withdraw": (frozenset({S.WAITING}), S.WITHDRAWN),
}


def step(session: Session, change: OfferChange, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of a scheduled change; IllegalStep where there is none."""
    take_step(session, change, name, STEPS, Event.OFFER_CHANGE_SETTLED, now, order_id=None, **payload)
    change.settled_at = now
