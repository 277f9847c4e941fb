"""A provider has everything and asks for approval."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.people.administrators import administrators
from app.domain.people.locked import locked_provider
from app.domain.people.models import Provider
from app.domain.people.onboarding import Item, checklist
from app.domain.people.states import step

_ADMINISTRATORS_LANGUAGE = "en"


class SomethingMissing(Exception):
    """`items`: what is not there yet."""

    def __init__(self, items: Sequence[Item]) -> None:
        super().__init__(", ".join(items))
        self.items = items


def submit_provider(session: Session, provider_id: UUID, person_id: UUID, now: datetime) -> Provider:
    """Hand it to the administrators, who get a mail. SomethingMissing, IllegalStep. The caller commits."""
    provider = locked_provider(session, provider_id)
    missing = [each.item for each in checklist(session, provider) if not each.done]
    if missing:
        raise SomethingMissing(missing)
    step(session, provider, "submit", now, actor="provider", person_id=person_id)
    provider.submitted_at, provider.state_reason = now, None
    for person in administrators(session):
        queue_mail(
            session,
            "provider_to_approve",
            once=f"provider_to_approve:{provider.id}:{now.isoformat()}:{person.id}",
            to=person.email,
            language=person.language or _ADMINISTRATORS_LANGUAGE,
            now=now,
            context={"console": f"admin/providers/{provider.id}", "provider": provider.legal_name},
        )
    return provider
