"""A provider's person accepts the terms under which providers sell here."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.locked import locked_provider
from app.domain.people.models import Provider
from app.domain.people.provider_terms import TERMS_VERSION


def accept_provider_terms(
    session: Session, provider_id: UUID, words: str, language: str, person_id: UUID, now: datetime
) -> Provider:
    """Keep that the version in force was accepted, and in the trail a hash of the very words that were shown.

    A second time changes nothing. The caller commits.
    """
    provider = locked_provider(session, provider_id)
    if provider.terms_version == TERMS_VERSION:
        return provider
    provider.terms_version = TERMS_VERSION
    provider.terms_accepted_at, provider.terms_accepted_by = now, person_id
    record(
        session,
        Event.PROVIDER_TERMS_ACCEPTED,
        "provider",
        provider.id,
        now,
        actor="provider",
        person_id=person_id,
        version=TERMS_VERSION,
        language=language,
        text_sha256=hashlib.sha256(words.encode()).hexdigest(),
    )
    return provider
