"""A scheduled change of an offer happens when its time has come, or is dropped where it cannot."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.offers.change_offer import change_series
from app.domain.offers.change_states import step
from app.domain.offers.put_terms import TermsImpossible, terms_of
from app.domain.offers.series import Series, close_if_sold, locked_series, step_series
from app.domain.offers.terms_models import ChangeKind, OfferChange, OfferChangeState
from app.domain.states import IllegalStep


def apply_offer_change(session: Session, change_id: UUID, now: datetime) -> OfferChange:
    """Apply a change that waits and is due; nothing happens to any other. The caller commits.

    Dropped with `problem`: state (the offer was not in one for it), terms (its steps of price would not fall any more).
    """
    change = session.get_one(OfferChange, change_id)
    series = locked_series(session, change.offer_id)
    session.refresh(change)
    if change.state != OfferChangeState.WAITING or now < change.due_at:
        return change
    try:
        _apply(session, series, change, now)
    except IllegalStep:
        change.problem = "state"
    except TermsImpossible:
        change.problem = "terms"
    if change.problem is None:
        step(session, change, "apply", now)
    else:
        step(session, change, "drop", now, why=change.problem)
    return change


def _apply(session: Session, series: Series, change: OfferChange, now: datetime) -> None:
    scheduled = str(change.id)
    if change.kind == ChangeKind.PRICE and change.price_minor is not None:
        terms = replace(terms_of(series.head), price_minor=change.price_minor)
        change_series(session, series, terms, now, change_id=scheduled)
        return
    moved = step_series(session, series, change.kind.value, now, change_id=scheduled)
    close_if_sold(session, moved, now)
