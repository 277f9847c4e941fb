"""An administrator decides about an offer: whether it is sold, and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.audit.record import Event
from app.domain.mails.queue_mail import queue_mail
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.series import Series, close_if_sold, locked_series, step_series
from app.domain.offers.states import step
from app.domain.people.reasons import given_reason

ACTS = ("approve", "send_back", "suspend", "reinstate", "delist")


def decide_offer(
    session: Session, offer_id: UUID, act: str, reason: str, administrator_id: UUID, now: datetime
) -> Series:
    """Take the step `act`, one of ACTS, of the offer and all that was added to it. The caller commits.

    The reason is kept where the provider reads it, and mailed to its contact. Suspended or delisted, nobody can order the
    offer any more; orders already placed go on, and those that are not paid can be until they expire. Reinstated, it is
    paused where its provider had paused it. Raises ReasonMissing, NoSuchOffer, and IllegalStep.
    """
    said = given_reason(reason)
    series = locked_series(session, offer_id)
    paused = [offer for offer in series.offers if act == "reinstate" and _was_paused(session, offer)]
    moved = step_series(
        session, series, act, now, actor="administrator", person_id=administrator_id, reason=said
    )
    for offer in moved:
        offer.state_reason = said
        if offer.state == OfferState.PUBLISHED and offer.published_at is None:
            offer.published_at = now
    for offer in paused:
        step(session, offer, "pause", now, actor="administrator", person_id=administrator_id, reason=said)
    close_if_sold(session, moved, now)
    head = series.head
    queue_mail(
        session,
        "offer_decided",
        once=f"offer_decided:{head.id}:{act}:{now.isoformat()}",
        to=head.provider.contact_email,
        language="en",
        now=now,
        context={
            "act": act,
            "reason": said,
            "project": head.mandate.block.activity.title,
            "provider": head.provider.legal_name,
            "console": f"offers/{head.id}",
        },
    )
    return series


def _was_paused(session: Session, offer: Offer) -> bool:
    """Where its suspension found it: the trail says so, and cannot be changed."""
    if offer.state != OfferState.SUSPENDED:
        return False
    last = session.scalar(
        select(AuditEvent.payload)
        .where(
            AuditEvent.entity_id == str(offer.id),
            AuditEvent.event == Event.OFFER_STEP.value,
            AuditEvent.payload["step"].astext == "suspend",
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return last is not None and last["before"] == OfferState.PAUSED.value
