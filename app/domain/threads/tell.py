"""Mails about a thread: who did not write learns what was written."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.orders.models import Order
from app.domain.people.administrators import administrators
from app.domain.threads.models import Author, Complaint, OrderMessage


def tell_of_message(
    session: Session, order: Order, message: OrderMessage, now: datetime, complaint: Complaint | None = None
) -> None:
    """Owe the other side a mail with the text; both, where an administrator wrote. `complaint`: opened with it."""
    context = {"message_id": str(message.id)}
    if complaint is not None:
        context["answer_by"] = complaint.due_at.isoformat()
    if message.author != Author.BUYER:
        _to_buyer(session, "message_to_buyer", order, str(message.id), now, context)
    if message.author != Author.PROVIDER:
        _to_seller(session, "message_to_seller", order, str(message.id), now, context)


def tell_of_late_certificate(session: Session, order: Order, complaint: Complaint, now: datetime) -> None:
    """The platform has complained by itself: both sides learn until when it has to be put right."""
    context = {"answer_by": complaint.due_at.isoformat()}
    _to_buyer(session, "certificate_late", order, str(complaint.id), now, context)
    _to_seller(session, "certificate_late_at_seller", order, str(complaint.id), now, context)


def tell_of_escalation(session: Session, order: Order, complaint: Complaint, now: datetime) -> None:
    """Administrators are asked to mediate, and the buyer knows."""
    for person in administrators(session):
        queue_mail(
            session,
            "complaint_to_mediate",
            once=f"complaint_to_mediate:{complaint.id}:{person.id}",
            to=person.email,
            language=person.language or "en",
            now=now,
            order_id=order.id,
            context={"complaint": complaint.kind.value},
        )
    _to_buyer(session, "complaint_escalated", order, str(complaint.id), now, {})


def _to_buyer(
    session: Session, kind: str, order: Order, about: str, now: datetime, context: dict[str, str]
) -> None:
    """None to a buyer who was erased."""
    if not order.email:
        return
    queue_mail(
        session,
        kind,
        once=f"{kind}:{about}",
        to=order.email,
        language=order.language,
        now=now,
        order_id=order.id,
        context=context,
    )


def _to_seller(
    session: Session, kind: str, order: Order, about: str, now: datetime, context: dict[str, str]
) -> None:
    queue_mail(
        session,
        kind,
        once=f"{kind}:{about}",
        to=order.provider.contact_email,
        language="en",
        now=now,
        order_id=order.id,
        context=context,
    )
