"""A provider brings a tax document that it has made itself."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.orders.models import Order
from app.domain.payments.proofs import ProofFile, ProofRefused
from app.domain.payments.queries import locked_order
from app.domain.tax_documents.models import TaxDocument
from app.domain.tax_documents.tell import tell_buyer

MOST_DOCUMENTS = 10  # of one order


class NotPaid(Exception):
    """Nothing was paid for the order: there is nothing to tax."""


def can_add(order: Order) -> bool:
    """May a document be brought? Also of an order whose money has gone back since."""
    return order.paid_at is not None and not order.trial


def add_tax_document(
    session: Session, order_id: UUID, file: ProofFile, person_id: UUID, now: datetime
) -> TaxDocument:
    """Keep the file and owe the buyer a mail; the same file again is the one that is there. The caller commits.

    NotPaid, ProofRefused: no_pdf | too_many.
    """
    if file.content_type != "application/pdf":
        raise ProofRefused("no_pdf")
    order = locked_order(session, order_id)
    if not can_add(order):
        raise NotPaid(order.number)
    digest = sha256(file.content).hexdigest()
    mine = TaxDocument.order_id == order.id
    known = session.scalars(select(TaxDocument).where(mine, TaxDocument.sha256 == digest)).one_or_none()
    if known is not None:
        return known
    if (session.scalar(select(func.count()).select_from(TaxDocument).where(mine)) or 0) >= MOST_DOCUMENTS:
        raise ProofRefused("too_many")
    document = TaxDocument(
        id=uuid4(),
        order_id=order.id,
        provider_id=order.provider_id,
        filename=file.filename,
        content_type=file.content_type,
        content=file.content,
        sha256=digest,
        person_id=person_id,
        at=now,
    )
    session.add(document)
    session.flush()
    record(
        session,
        Event.TAX_DOCUMENT_ADDED,
        "tax_document",
        document.id,
        now,
        order_id=order.id,
        actor="provider",
        person_id=person_id,
        number=None,
        sha256=digest,
    )
    tell_buyer(session, document, now)
    return document
