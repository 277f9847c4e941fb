"""What providers say about their offers."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Text, cast, exists, select
from sqlalchemy.orm import Session

from app.domain.moderation.models import ModeratedText, ModerationState, TextKind
from app.domain.offers.models import OfferText


def texts_of(session: Session, offers: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Offer id → language → description as the public reads it; an offer that has none is not there.

    What waits for an administrator or was taken down is left out.
    """
    found: dict[UUID, dict[str, str]] = {}
    withheld = exists().where(
        ModeratedText.kind == TextKind.OFFER_TEXT,
        ModeratedText.entity_id == cast(OfferText.offer_id, Text) + ":" + OfferText.language,
        ModeratedText.state != ModerationState.SHOWN,
    )
    rows = session.execute(
        select(OfferText.offer_id, OfferText.language, OfferText.text).where(
            OfferText.offer_id.in_(offers), ~withheld
        )
    )
    for offer_id, language, text in rows:
        found.setdefault(offer_id, {})[language] = text
    return found
