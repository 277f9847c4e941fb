"""Which offers an administrator looks at before buyers see them."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.moderation.screen import screen
from app.domain.offers.models import Offer, OfferState


def needs_review(session: Session, provider_id: UUID, texts: Mapping[str, str]) -> str | None:
    """A code for the first reason to look at a new offer with these descriptions (language → text); None: it is published at once.

    `first`: nothing of the provider's was ever on sale here. `delisted`: something was, and was taken off for good.
    `text`: a description meets a rule of screening.
    """
    published, delisted = session.execute(
        select(
            func.count(Offer.published_at) > 0,
            func.count().filter(Offer.state == OfferState.DELISTED) > 0,
        ).where(Offer.provider_id == provider_id)
    ).one()
    if not published:
        return "first"
    if delisted:
        return "delisted"
    return "text" if any(screen(text, language) for language, text in texts.items()) else None
