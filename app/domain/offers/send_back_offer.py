"""An administrator says what has to be better before an offer is sold."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.offers.decide import decide
from app.domain.offers.series import Series


def send_back_offer(
    session: Session, offer_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Series:
    """Make a draft of an offer in review again: its provider reads why, changes it and submits it once more.

    Raises ReasonMissing, NoSuchOffer, and IllegalStep unless it is in review.
    """
    return decide(session, offer_id, "send_back", reason, administrator_id, now)
