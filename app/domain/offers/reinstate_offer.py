"""An administrator lets a suspended offer be sold again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.audit.record import Event
from app.domain.offers.decide import decide
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.series import Series, close_if_sold
from app.domain.offers.states import step


def reinstate_offer(
    session: Session, offer_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Series:
    """Reinstate what was suspended: published, or paused where its provider had paused it.

    Raises ReasonMissing, NoSuchOffer, and IllegalStep unless it is suspended.
    """
    series = decide(session, offer_id, "reinstate", reason, administrator_id, now)
    published = [offer for offer in series.offers if offer.state == OfferState.PUBLISHED]
    for offer in published:
        if _was_paused(session, offer):
            step(session, offer, "pause", now, actor="administrator", person_id=administrator_id)
    series.head.published_at = series.head.published_at or now
    close_if_sold(session, published, now)
    return series


def _was_paused(session: Session, offer: Offer) -> bool:
    """Where its last suspension found it: the trail says so, and cannot be changed."""
    last = session.scalar(
        select(AuditEvent.payload)
        .where(
            AuditEvent.entity_id == str(offer.id),
            AuditEvent.event == Event.OFFER_STEP.value,
            AuditEvent.payload["step"].astext == "suspend",
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return last is not None and last["before"] == OfferState.PAUSED.value
