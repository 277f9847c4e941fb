"""Descriptions of an offer are looked through before the public reads them, like every text."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.moderation.models import TextKind
from app.domain.moderation.stop_or_show import stop_or_show
from app.domain.offers.models import Offer


def screen_descriptions(session: Session, offer: Offer, texts: Mapping[str, str], now: datetime) -> None:
    """Have what meets a rule wait for an administrator, language by language; the offer itself goes on.

    The caller holds the offer's lock, and commits.
    """
    for language, text in sorted(texts.items()):
        if text:
            stop_or_show(
                session,
                TextKind.OFFER_TEXT,
                text_id(offer, language),
                text,
                now,
                language=language,
                provider_id=offer.provider_id,
            )


def text_id(offer: Offer, language: str) -> str:
    """By what a description is known to moderation."""
    return f"{offer.id}:{language}"
