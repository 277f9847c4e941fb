"""An offer comes to be: its units are earmarked, and it goes on sale or to an administrator first."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.catalogue.models import Mandate
from app.domain.offers.draft_terms import OfferTerms
from app.domain.offers.models import Offer, OfferState, OfferText
from app.domain.offers.needs_review import needs_review
from app.domain.offers.screen_descriptions import screen_descriptions
from app.domain.offers.states import step


def create_offer(
    session: Session, provider_id: UUID, mandate: Mandate, terms: OfferTerms, person_id: UUID, now: datetime
) -> Offer:
    """Make the offer of a mandate's units on which no other stands. The caller has locked the mandate."""
    why = needs_review(session, provider_id, terms.texts)
    offer = Offer(
        id=uuid4(),
        provider_id=provider_id,
        mandate_id=mandate.mandate_id,
        price_minor=terms.price.minor,
        currency=terms.price.currency,
        quantity=terms.quantity,
        min_quantity=terms.min_quantity,
        max_quantity=terms.max_quantity,
        held=0,
        cancelled=0,
        state=OfferState.DRAFT,
        created_at=now,
        published_at=None if why else now,
        on_sale_from=terms.on_sale_from,
        on_sale_until=terms.on_sale_until,
    )
    session.add(offer)
    session.flush()
    session.add_all(
        OfferText(offer_id=offer.id, language=language, text=text) for language, text in terms.texts.items()
    )
    screen_descriptions(session, offer, terms.texts, now)
    said: dict[str, Any] = {"actor": "provider", "person_id": person_id}
    record(
        session,
        Event.OFFER_CREATED,
        "offer",
        offer.id,
        now,
        **said,
        mandate_id=mandate.mandate_id,
        price=str(terms.price),
        quantity=terms.quantity,
        languages=sorted(terms.texts),
        review=why,
    )
    step(session, offer, "submit" if why else "publish", now, **said)
    return offer
