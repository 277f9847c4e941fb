"""A provider asks for another look at an offer that was sent back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.offers.series import locked_series, step_series


def submit_offer(session: Session, provider_id: UUID, offer_id: UUID, person_id: UUID, now: datetime) -> None:
    """Submit a draft for review; an administrator publishes it. Raises NoSuchOffer, and IllegalStep unless a draft."""
    series = locked_series(session, offer_id, provider_id)
    step_series(session, series, "submit", now, actor="provider", person_id=person_id)
    series.head.state_reason = None
