"""What providers say about their offers."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.offers.models import OfferText


def texts_of(session: Session, offers: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Offer id → language → description; an offer that has none is not there."""
    found: dict[UUID, dict[str, str]] = {}
    rows = session.execute(
        select(OfferText.offer_id, OfferText.language, OfferText.text).where(OfferText.offer_id.in_(offers))
    )
    for offer_id, language, text in rows:
        found.setdefault(offer_id, {})[language] = text
    return found
