"""An administrator lets a first offer, or a flagged one, be sold."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.offers.decide import decide
from app.domain.offers.series import Series


def approve_offer(
    session: Session, offer_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Series:
    """Publish an offer that was reviewed. Raises ReasonMissing, NoSuchOffer, and IllegalStep unless it is in review."""
    series = decide(session, offer_id, "approve", reason, administrator_id, now)
    series.head.published_at = now
    return series
