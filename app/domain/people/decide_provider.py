"""An administrator decides about a provider: what it may do here, and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.people.locked import locked_provider
from app.domain.people.models import Provider
from app.domain.people.reasons import given_reason
from app.domain.people.states import step


def decide_provider(
    session: Session, provider_id: UUID, act: str, reason: str, administrator_id: UUID, now: datetime
) -> Provider:
    """Take the step `act` of `states.STEPS`, keep the reason where the provider reads it, and write to its contact.

    Suspended or delisted, nothing of it can be ordered any more; orders already placed go on. Raises ReasonMissing, and
    IllegalStep when the provider is not in a state for it.
    """
    said = given_reason(reason)
    provider = locked_provider(session, provider_id)
    step(session, provider, act, now, actor="administrator", person_id=administrator_id, reason=said)
    provider.state_reason = said
    if act == "approve":
        provider.approved_at = now
    queue_mail(
        session,
        "provider_decided",
        once=f"provider_decided:{provider.id}:{act}:{now.isoformat()}",
        to=provider.contact_email,
        language="en",
        now=now,
        context={"act": act, "reason": said, "provider": provider.legal_name, "console": ""},
    )
    return provider
