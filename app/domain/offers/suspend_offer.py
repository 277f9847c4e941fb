"""An administrator stops the sale of an offer for a time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.offers.decide import decide
from app.domain.offers.series import Series


def suspend_offer(
    session: Session, offer_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Series:
    """Suspend an offer with all that was added to it: nobody can order it, and its provider cannot resume it.

    Orders that were placed go on; those that are not paid can be until they expire. Raises ReasonMissing, NoSuchOffer,
    and IllegalStep where it is suspended already or has ended.
    """
    return decide(session, offer_id, "suspend", reason, administrator_id, now)
