"""Write to everybody who acts for a provider, and to its contact address: what concerns its money, nobody misses."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.payees.queries import people_of

_CONTACT_LANGUAGE = "en"


def tell_people(
    session: Session, account: ProviderPayeeAccount, kind: str, once: str, now: datetime, **context: Any
) -> None:
    """A mail of `kind` about an account, to each address one; `once` tells it from every other mail."""
    provider = account.provider
    addresses = {
        person.email.lower(): (person.email, person.language) for person in people_of(session, provider.id)
    }
    addresses.setdefault(provider.contact_email.lower(), (provider.contact_email, _CONTACT_LANGUAGE))
    facts = {"account_id": str(account.id), "gateway": account.gateway, "provider": provider.legal_name}
    for key, (address, language) in sorted(addresses.items()):
        queue_mail(
            session,
            kind,
            once=f"{kind}:{account.id}:{once}:{key}",
            to=address,
            language=language or _CONTACT_LANGUAGE,
            now=now,
            context={**facts, **context},
        )
