"""A provider decides now what is to happen to an offer later."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.later import defer
from app.domain.offers.change_offer import CHANGEABLE
from app.domain.offers.planned_changes import waiting_changes
from app.domain.offers.put_terms import check_terms, terms_of
from app.domain.offers.series import locked_series
from app.domain.offers.terms_models import ChangeKind, OfferChange, OfferChangeState
from app.money import Money

WAITING_MAX = 20  # of one offer at a time
LATEST = timedelta(days=731)


class ChangeRefused(Exception):
    """`code`: past, too_late (more than two years ahead), too_many, ended (nothing of the offer can be sold)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ask_offer_change(
    session: Session,
    provider_id: UUID,
    offer_id: UUID,
    kind: ChangeKind,
    price_minor: int | None,
    due_at: datetime,
    person_id: UUID,
    now: datetime,
) -> OfferChange:
    """Schedule a change of the offer and all that was added to it. `price_minor` is of a new price only.

    Whether it can be done is asked when its time has come: until then others may happen. Raises ChangeRefused,
    NoSuchOffer, and TermsImpossible for a price that cannot be.
    """
    series = locked_series(session, offer_id, provider_id)
    head = series.head
    if not any(offer.state in CHANGEABLE for offer in series.offers):
        raise ChangeRefused("ended")
    if due_at <= now:
        raise ChangeRefused("past")
    if due_at > now + LATEST:
        raise ChangeRefused("too_late")
    if len(waiting_changes(session, head.id)) >= WAITING_MAX:
        raise ChangeRefused("too_many")
    price: dict[str, Any] = {}
    if price_minor is not None:
        check_terms(replace(terms_of(head), price_minor=price_minor))
        price["price"] = str(Money(price_minor, head.currency))
    change = OfferChange(
        id=uuid4(),
        offer_id=head.id,
        kind=kind,
        price_minor=price_minor,
        state=OfferChangeState.WAITING,
        due_at=due_at,
        asked_by=person_id,
        asked_at=now,
    )
    session.add(change)
    session.flush()
    record(
        session,
        Event.OFFER_CHANGE_ASKED,
        "offer_change",
        change.id,
        now,
        actor="provider",
        person_id=person_id,
        offer=str(head.id),
        kind=kind.value,
        due_at=due_at.isoformat(),
        **price,
    )
    defer(session, "apply_offer_change", at=due_at, change_id=change.id)
    return change
