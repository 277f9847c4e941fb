"""A provider stops selling for a while."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.offers.series import locked_series, step_series


def pause_offer(session: Session, provider_id: UUID, offer_id: UUID, person_id: UUID, now: datetime) -> None:
    """Take the offer, and all that was added to it, off sale until it is resumed. Orders already placed go on.

    Raises NoSuchOffer, and IllegalStep when nothing of it is published.
    """
    series = locked_series(session, offer_id, provider_id)
    step_series(session, series, "pause", now, actor="provider", person_id=person_id)
