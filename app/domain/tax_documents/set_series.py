"""A provider decides that its tax documents are numbered and made here, or goes on making its own."""

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.orders.details import plain_line
from app.domain.people.locked import locked_provider
from app.domain.tax_documents.series import missing_details

NOTE_MAX = 500  # characters
_PREFIX = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,10}[A-Z0-9])?")


class SeriesRefused(Exception):
    """It cannot be set. `field`: prefix | note | details."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def set_series(
    session: Session,
    provider_id: UUID,
    prefix: str,
    note: str,
    *,
    automatic: bool,
    person_id: UUID,
    now: datetime,
) -> None:
    """Number documents with `prefix` from now on; an empty one: none are made here. SeriesRefused. The caller commits.

    The count goes on with another prefix: numbers of a year stay without a gap. `automatic`: of every order, as soon
    as its certificate is there. `note` says how the sales are taxed; nothing is calculated here.
    """
    provider = locked_provider(session, provider_id)
    prefix, note = plain_line(prefix).upper(), plain_line(note)
    if prefix:
        if not _PREFIX.fullmatch(prefix):
            raise SeriesRefused("prefix")
        if not note or len(note) > NOTE_MAX:
            raise SeriesRefused("note")
        if missing_details(provider):
            raise SeriesRefused("details")
    provider.invoice_prefix, provider.invoice_note = prefix or None, note[:NOTE_MAX] or None
    provider.invoice_automatic = automatic and bool(prefix)
    record(
        session,
        Event.PROVIDER_CHANGED,
        "provider",
        provider.id,
        now,
        actor="provider",
        person_id=person_id,
        what="tax_documents",
        prefix=provider.invoice_prefix,
        automatic=provider.invoice_automatic,
    )
