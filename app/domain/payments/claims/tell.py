"""Mails about a claim: the buyer is told of every step."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.orders.models import Order
from app.domain.payments.refund_models import PaymentClaim


def tell_buyer(session: Session, kind: str, order: Order, claim: PaymentClaim, now: datetime) -> None:
    """A mail of this kind, once for each time that the buyer has claimed. None to a buyer who was erased."""
    if not order.email:
        return
    queue_mail(
        session,
        kind,
        once=f"{kind}:{order.id}:{claim.opened_at.isoformat()}",
        to=order.email,
        language=order.language,
        now=now,
        order_id=order.id,
        context={
            "answer_by": claim.answer_by.isoformat(),
            "answer": claim.answer,
            "answer_note": claim.answer_note,
        },
    )
