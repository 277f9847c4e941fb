"""The boxes a buyer must tick, and what is kept of it: which words, in which version and language, when."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.orders.models import Consent, OrderGroup

# Raise it whenever the wording of a box changes in any language.
TEXT_VERSION = "2026-11"
KINDS = ("terms", "immediate")

Consents = Mapping[str, str]  # kind → the very words that stood beside the box


class ConsentMissing(Exception):
    """A box is not ticked."""


def record_consents(
    session: Session, group: OrderGroup, consents: Consents, language: str, now: datetime
) -> None:
    """Keep every consent with its group. ConsentMissing unless all are there."""
    if set(consents) != set(KINDS):
        raise ConsentMissing(sorted(set(KINDS) - set(consents)))
    for kind in KINDS:
        session.add(
            Consent(
                group=group,
                kind=kind,
                text_version=TEXT_VERSION,
                language=language,
                text_sha256=hashlib.sha256(consents[kind].encode()).hexdigest(),
                given_at=now,
            )
        )
