"""A provider withdraws what is left of an offer: it is sold no more, at once and for good."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.mandates.models import MandateAct
from app.domain.offers.planned_changes import withdraw_waiting
from app.domain.offers.series import locked_series, step_series
from app.domain.offers.take_back_units import take_back_of
from app.domain.people.models import Provider


def withdraw_offer(
    session: Session,
    key: UUID,
    provider: Provider,
    offer_id: UUID,
    person_id: UUID,
    accounts: Collection[str],
    now: datetime,
) -> list[MandateAct]:
    """Withdraw the offer and all that was added to it. The caller commits, then asks the registry for these acts.

    There is an act for each mandate of which no order holds a unit. Units that orders hold stay where they are until
    those have ended; then `take_back_units` has the rest. Raises NoSuchOffer, and IllegalStep where nothing can be
    withdrawn any more.
    """
    series = locked_series(session, offer_id, provider.id)
    step_series(session, series, "withdraw", now, actor="provider", person_id=person_id)
    withdraw_waiting(session, series.head.id, person_id, now)
    return take_back_of(session, key, provider, series, person_id, accounts, now)
