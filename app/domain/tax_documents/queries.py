"""Reading tax documents, each by whom it is for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.tax_documents.models import TaxDocument

# Longer than a job's own pauses.
_FORGOTTEN_AFTER = timedelta(minutes=20)


def documents_of(session: Session, order_id: UUID) -> Sequence[TaxDocument]:
    """An order's documents, the oldest first, without their content; those that are not printed yet too."""
    return session.scalars(
        select(TaxDocument).where(TaxDocument.order_id == order_id).order_by(TaxDocument.at, TaxDocument.id)
    ).all()


def last_number(session: Session, order_id: UUID) -> str | None:
    """The number of the newest document that was made here for the order."""
    return session.scalar(
        select(TaxDocument.number)
        .where(TaxDocument.order_id == order_id, TaxDocument.number.is_not(None))
        .order_by(TaxDocument.at.desc(), TaxDocument.number.desc())
        .limit(1)
    )


def document_of_order(session: Session, order_id: UUID, document_id: UUID) -> TaxDocument | None:
    """The document, if it is about this order and there to be read."""
    return session.scalars(
        select(TaxDocument).where(
            TaxDocument.id == document_id, TaxDocument.order_id == order_id, TaxDocument.sha256.is_not(None)
        )
    ).one_or_none()


def document_for_provider(session: Session, provider_id: UUID, document_id: UUID) -> TaxDocument | None:
    """The document, if it is about an order of this provider and there to be read."""
    return session.scalars(
        select(TaxDocument)
        .join(Order, Order.id == TaxDocument.order_id)
        .where(
            TaxDocument.id == document_id, Order.provider_id == provider_id, TaxDocument.sha256.is_not(None)
        )
    ).one_or_none()


def document_for_administrators(session: Session, document_id: UUID) -> TaxDocument | None:
    """Any document that is there to be read."""
    return session.scalars(
        select(TaxDocument).where(TaxDocument.id == document_id, TaxDocument.sha256.is_not(None))
    ).one_or_none()


def unprinted_documents(session: Session, now: datetime) -> Sequence[UUID]:
    """Documents that have their number, and should have been printed long ago."""
    return session.scalars(
        select(TaxDocument.id).where(TaxDocument.sha256.is_(None), TaxDocument.at < now - _FORGOTTEN_AFTER)
    ).all()
