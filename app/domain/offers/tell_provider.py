"""Write to a provider what an administrator has decided about its offer."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.offers.models import Offer

_CONTACT_LANGUAGE = "en"


def tell_provider(session: Session, offer: Offer, what: str, reason: str, now: datetime) -> None:
    """`what` is the step: approve, send_back, suspend, reinstate, delist. To the provider's contact address."""
    queue_mail(
        session,
        "offer_decided",
        once=f"offer_decided:{offer.id}:{what}:{now.isoformat()}",
        to=offer.provider.contact_email,
        language=_CONTACT_LANGUAGE,
        now=now,
        context={"offer_id": str(offer.id), "what": what, "reason": reason},
    )
