"""A claim goes to the administrators: nobody has answered it, or one word stands against another."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.mails.queue_mail import queue_mail
from app.domain.orders.models import Order
from app.domain.payments.claims.queries import claim_of, overdue_claims
from app.domain.payments.claims.tell import tell_buyer
from app.domain.payments.queries import locked_order
from app.domain.payments.refund_models import PaymentClaim
from app.domain.people.administrators import administrators


def escalate_claim(session: Session, order_id: UUID, now: datetime) -> bool:
    """Escalate the claim about this order if its answer is overdue. The caller commits."""
    order = locked_order(session, order_id)
    if order_id not in overdue_claims(session, now):
        return False
    claim = claim_of(session, order_id)
    if claim is None:
        return False
    escalate(session, order, claim, now)
    return True


def escalate(session: Session, order: Order, claim: PaymentClaim, now: datetime) -> None:
    """Tell the administrators and the buyer. The caller holds the order's lock.

    They mediate; money is moved by the provider alone, and by nobody else confirmed.
    """
    claim.escalated_at = now
    record(
        session,
        Event.PAYMENT_CLAIM_ESCALATED,
        "order",
        order.id,
        now,
        order_id=order.id,
        answer_by=claim.answer_by.isoformat(),
    )
    for person in administrators(session):
        queue_mail(
            session,
            "claim_to_mediate",
            once=f"claim_to_mediate:{order.id}:{claim.opened_at.isoformat()}:{person.id}",
            to=person.email,
            language=person.language or "en",
            now=now,
            order_id=order.id,
            context={"answer_by": claim.answer_by.isoformat()},
        )
    tell_buyer(session, "claim_escalated", order, claim, now)
