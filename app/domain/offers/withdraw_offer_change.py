"""A provider thinks better of a scheduled change."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.offers.change_states import step
from app.domain.offers.series import NoSuchOffer, locked_series
from app.domain.offers.terms_models import OfferChange


def withdraw_offer_change(
    session: Session, provider_id: UUID, change_id: UUID, person_id: UUID, now: datetime
) -> OfferChange:
    """Withdraw a change that has not happened. Raises NoSuchOffer, and IllegalStep when it is too late."""
    change = session.get(OfferChange, change_id)
    if change is None:
        raise NoSuchOffer(change_id)
    locked_series(session, change.offer_id, provider_id)
    session.refresh(change)
    step(session, change, "withdraw", now, actor="provider", person_id=person_id)
    return change
