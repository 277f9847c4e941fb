"""The registry has earmarked the units of a draft: now there can be an offer."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.catalogue.models import Mandate
from app.domain.mandates.models import ActState
from app.domain.mandates.queries import live_offer_on, locked_mandate
from app.domain.offers.create_offer import create_offer
from app.domain.offers.draft_terms import read_terms
from app.domain.offers.terms_models import OfferDraft


def offer_granted_units(session: Session, draft: OfferDraft, now: datetime) -> None:
    """Make the offer of a draft that the caller has locked, if it is time: again and again is as once.

    Nothing happens while the registry has not confirmed, or the mandate has not been read yet; nor when the units have
    been offered in another way meanwhile, or the draft was thrown away.
    """
    act = draft.act
    if act is None or act.state != ActState.DONE or act.mandate_id is None:
        return
    if draft.offer_id is not None or draft.thrown_away_at is not None:
        return
    if session.get(Mandate, act.mandate_id) is None:
        return
    mandate = locked_mandate(session, act.mandate_id)
    if live_offer_on(session, mandate.mandate_id):
        return
    # Read as it was when the units were asked for: what has changed since must not leave them without an offer.
    terms = read_terms(draft.typed, act.quantity, [draft.typed["currency"]], act.asked_at)
    draft.offer = create_offer(session, draft.provider_id, mandate, terms, act.person_id, now)
    session.flush()
