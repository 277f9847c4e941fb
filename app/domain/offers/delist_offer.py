"""An administrator takes an offer off for good."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.offers.decide import decide
from app.domain.offers.series import Series


def delist_offer(
    session: Session, offer_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Series:
    """Delist an offer with all that was added to it: it is never sold again, and its provider takes the units back.

    Orders that were placed go on; those that are not paid can be until they expire. Raises ReasonMissing, NoSuchOffer,
    and IllegalStep where it has ended.
    """
    return decide(session, offer_id, "delist", reason, administrator_id, now)
