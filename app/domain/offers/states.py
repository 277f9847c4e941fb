"""The steps of an offer (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.offers.models import Offer
from app.domain.offers.models import OfferState as S
from app.domain.states import take_step

# Nothing leads away from these, and the mandate that such an offer stood on can have another one.
ENDED = (S.WITHDRAWN, S.DELISTED)

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "submit": (frozenset({S.DRAFT}), S.IN_REVIEW),
    "publish": (frozenset({S.DRAFT}), S.PUBLISHED),
    "approve": (frozenset({S.IN_REVIEW}), S.PUBLISHED),
    "send_back": (frozenset({S.IN_REVIEW}), S.DRAFT),
    "pause": (frozenset({S.PUBLISHED}), S.PAUSED),
    "resume": (frozenset({S.PAUSED}), S.PUBLISHED),
    "sell_out": (frozenset({S.PUBLISHED}), S.SOLD_OUT),
    "withdraw": (frozenset({S.DRAFT, S.IN_REVIEW, S.PUBLISHED, S.PAUSED, S.SUSPENDED}), S.WITHDRAWN),
    "suspend": (frozenset({S.IN_REVIEW, S.PUBLISHED, S.PAUSED}), S.SUSPENDED),
    "reinstate": (frozenset({S.SUSPENDED}), S.PUBLISHED),
    "delist": (frozenset({S.DRAFT, S.IN_REVIEW, S.PUBLISHED, S.PAUSED, S.SUSPENDED}), S.DELISTED),
}


def step(session: Session, offer: Offer, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of an offer; IllegalStep where there is none."""
    take_step(session, offer, name, STEPS, Event.OFFER_STEP, now, order_id=None, **payload)
