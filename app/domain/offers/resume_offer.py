"""A provider sells again what it had paused."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.offers.series import close_if_sold, locked_series, step_series


def resume_offer(session: Session, provider_id: UUID, offer_id: UUID, person_id: UUID, now: datetime) -> None:
    """Put the offer, and all that was added to it, on sale again. Raises NoSuchOffer, and IllegalStep unless paused."""
    series = locked_series(session, offer_id, provider_id)
    resumed = step_series(session, series, "resume", now, actor="provider", person_id=person_id)
    close_if_sold(session, resumed, now)
