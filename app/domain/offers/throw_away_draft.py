"""A provider does not want a draft any more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.mandates.models import ActState
from app.domain.offers.draft_queries import locked_draft
from app.domain.offers.save_draft import DraftClosed
from app.domain.offers.terms_models import OfferDraft


def throw_away_draft(session: Session, draft_id: UUID, now: datetime) -> OfferDraft:
    """Put it out of sight. Units that are earmarked for it stay so, and can be offered as the mandate's.

    Raises DraftClosed where there is an offer, or while the registry has not said whether it has earmarked the units.
    """
    draft = locked_draft(session, draft_id)
    if draft is None or draft.offer_id is not None:
        raise DraftClosed
    if draft.act is not None and draft.act.state == ActState.ASKED:
        raise DraftClosed
    draft.thrown_away_at = draft.thrown_away_at or now
    return draft
