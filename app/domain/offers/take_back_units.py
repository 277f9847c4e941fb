"""What is left of an offer that has ended goes back into its provider's account: the mandate behind it is revoked."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.mandates.ask_to_revoke import ask_to_revoke
from app.domain.mandates.models import ActKind, ActState, MandateAct
from app.domain.offers.models import Offer
from app.domain.offers.series import Series, locked_series
from app.domain.offers.states import ENDED
from app.domain.people.models import Provider


def take_back_units(
    session: Session,
    key: UUID,
    provider: Provider,
    offer_id: UUID,
    person_id: UUID,
    accounts: Collection[str],
    now: datetime,
) -> list[MandateAct]:
    """Note that the mandates behind an ended offer are to be revoked, as far as no order holds units of them.

    The caller commits, then asks the registry. `key` stands for the form: sent twice, it gives the same acts.
    `accounts` are those that the person represents. Raises NoSuchOffer.
    """
    series = locked_series(session, offer_id, provider.id)
    return take_back_of(session, key, provider, series, person_id, accounts, now)


def take_back_of(
    session: Session,
    key: UUID,
    provider: Provider,
    series: Series,
    person_id: UUID,
    accounts: Collection[str],
    now: datetime,
) -> list[MandateAct]:
    """The same for a series that is locked: no order can hold a unit of it meanwhile."""
    session.flush()
    return [
        ask_to_revoke(session, uuid5(key, offer.mandate_id), provider, person_id, offer.mandate, now)
        for offer in series.offers
        if offer.mandate.account_id in accounts
        and may_be_taken_back(session, offer)
        and not _asked(session, offer.mandate_id, person_id)
    ]


def may_be_taken_back(session: Session, offer: Offer) -> bool:
    """Is something of an ended offer still earmarked that no order holds, and no other offer stands on?"""
    if offer.state not in ENDED or offer.held:
        return False
    if offer.mandate.status not in ("active", "suspended") or not offer.mandate.quantity_remaining:
        return False
    others = select(Offer.id).where(
        Offer.mandate_id == offer.mandate_id,
        Offer.id != offer.id,
        Offer.state.not_in(ENDED) | (Offer.held > 0),
    )
    return session.execute(others.limit(1)).first() is None


def _asked(session: Session, mandate_id: str, person_id: UUID) -> bool:
    """Has the person asked for it before, and the registry has not answered? They ask again with the same key."""
    asked = select(MandateAct.id).where(
        MandateAct.mandate_id == mandate_id,
        MandateAct.person_id == person_id,
        MandateAct.kind == ActKind.REVOKE,
        MandateAct.state == ActState.ASKED,
    )
    return session.execute(asked.limit(1)).first() is not None
