"""The boxes a buyer must tick, and what is kept of it: which words, in which version and language, when."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.orders.models import Consent, OrderGroup
from app.domain.settings.queries import texts

# Of the texts that come with the platform; raise it whenever their wording changes in any language.
TEXT_VERSION = "2026-11"
KINDS = ("terms", "immediate")

Consents = Mapping[str, str]  # kind → the very words that stood beside the box


class ConsentMissing(Exception):
    """A box is not ticked."""


def text_version(session: Session, language: str) -> str:
    """The version of the texts that are in force: the platform's own, or one that administrators have set."""
    found = texts(session, "terms", language)
    return found.label if found is not None else TEXT_VERSION


def record_consents(
    session: Session, group: OrderGroup, consents: Consents, language: str, now: datetime
) -> None:
    """Keep every consent with its group. ConsentMissing unless all are there."""
    if set(consents) != set(KINDS):
        raise ConsentMissing(sorted(set(KINDS) - set(consents)))
    version = text_version(session, language)
    for kind in KINDS:
        session.add(
            Consent(
                group=group,
                kind=kind,
                text_version=version,
                language=language,
                text_sha256=hashlib.sha256(consents[kind].encode()).hexdigest(),
                given_at=now,
            )
        )
