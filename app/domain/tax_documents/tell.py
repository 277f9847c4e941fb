"""The buyer learns of a tax document."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.tax_documents.models import TaxDocument


def tell_buyer(session: Session, document: TaxDocument, now: datetime) -> None:
    """A mail for each document, once. None to a buyer who was erased."""
    order = document.order
    if not order.email:
        return
    queue_mail(
        session,
        "tax_document",
        once=f"tax_document:{document.id}",
        to=order.email,
        language=order.language,
        now=now,
        order_id=order.id,
    )
