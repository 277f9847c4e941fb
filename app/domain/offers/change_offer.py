"""A provider changes the terms of an offer. Orders that were placed already keep theirs."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.offers.models import OfferState
from app.domain.offers.put_terms import Terms, TermsImpossible, check_terms, differences, put_terms, terms_of
from app.domain.offers.screen_descriptions import screen_descriptions
from app.domain.offers.series import Series, locked_series
from app.domain.states import IllegalStep

# Not while somebody reviews it: what is approved has to be what was read.
CHANGEABLE = frozenset({OfferState.DRAFT, OfferState.PUBLISHED, OfferState.PAUSED, OfferState.SUSPENDED})


def change_offer(
    session: Session, provider_id: UUID, offer_id: UUID, terms: Terms, person_id: UUID, now: datetime
) -> bool:
    """Put these terms on the offer and all that was added to it. False if they are what they were.

    A buyer who has read another price back is asked to read it again. Raises TermsImpossible, NoSuchOffer, and
    IllegalStep where nothing of it can be sold any more, or it is being reviewed.
    """
    series = locked_series(session, offer_id, provider_id)
    ends = terms.on_sale_until
    if ends is not None and ends <= now and ends != series.head.on_sale_until:
        raise TermsImpossible("on_sale_until", "past")
    return change_series(session, series, terms, now, actor="provider", person_id=person_id)


def change_series(session: Session, series: Series, terms: Terms, now: datetime, **said: Any) -> bool:
    """The same for a series that is locked; `said` goes to the audit trail."""
    check_terms(terms)
    if not any(offer.state in CHANGEABLE for offer in series.offers):
        raise IllegalStep(f"the terms of an offer that is {series.head.state} are not changed")
    terms = replace(terms, texts={key: text for key, text in (terms.texts or {}).items() if text})
    before, after = differences(terms_of(series.head), terms, series.head.currency)
    for offer in series.offers:
        put_terms(offer, terms)
        screen_descriptions(session, offer, terms.texts or {}, now)
    if not after:
        return False
    record(
        session,
        Event.OFFER_CHANGED,
        "offer",
        series.head.id,
        now,
        before=before,
        after=after,
        **said,
    )
    return True
