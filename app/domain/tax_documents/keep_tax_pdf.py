"""A tax document that was made here is printed: its PDF stays as it is, and the buyer is told."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.tax_documents.models import TaxDocument
from app.domain.tax_documents.tell import tell_buyer


def keep_tax_pdf(session: Session, document_id: UUID, pdf: bytes, now: datetime) -> None:
    """Store the PDF once and owe the buyer a mail; a second printing is dropped. The caller commits."""
    document = session.execute(
        select(TaxDocument)
        .where(TaxDocument.id == document_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if document.sha256 is not None:
        return
    document.content, document.sha256 = pdf, sha256(pdf).hexdigest()
    tell_buyer(session, document, now)
