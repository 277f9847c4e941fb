"""What all decisions of an administrator about an offer have in common: a reason, the trail, a mail to the provider."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.offers.series import Series, locked_series, step_series
from app.domain.offers.tell_provider import tell_provider
from app.domain.people.reasons import given_reason


def decide(
    session: Session, offer_id: UUID, name: str, reason: str, administrator_id: UUID, now: datetime
) -> Series:
    """Take the step `name` of an offer and all that was added to it; the reason stays with them.

    The caller commits. Raises ReasonMissing, NoSuchOffer, IllegalStep.
    """
    said = given_reason(reason)
    series = locked_series(session, offer_id)
    moved = step_series(
        session, series, name, now, actor="administrator", person_id=administrator_id, reason=said
    )
    for offer in moved:
        offer.state_reason = said
    tell_provider(session, series.head, name, said, now)
    return series
