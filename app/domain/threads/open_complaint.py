"""The buyer complains: the provider owes an answer, else administrators mediate."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.orders.models import Order, OrderState
from app.domain.payments.queries import locked_order
from app.domain.threads.add_message import add_message
from app.domain.threads.clocks import ANSWER_WITHIN
from app.domain.threads.message_text import message_text
from app.domain.threads.models import Author, Complaint, ComplaintKind, ComplaintState
from app.domain.threads.queries import standing_complaint
from app.domain.threads.say import Said, say
from app.domain.threads.tell import tell_of_message

# Before that there is a payment to speak of, which has its own way: `payments/claims`.
_UNPAID = frozenset({OrderState.AWAITING_PAYMENT, OrderState.EXPIRED, OrderState.WITHDRAWN})


class NothingToComplain(Exception):
    """The order is not paid, is a trial, or has a complaint that stands."""


def may_complain(order: Order, last: Complaint | None) -> bool:
    """May the buyer complain now? Of an unpaid order "I have paid" may be said instead. `last`: see `complaint_of`."""
    stands = last is not None and last.state != ComplaintState.CLOSED
    return order.state not in _UNPAID and not order.trial and not stands


def open_complaint(session: Session, order_id: UUID, text: str, key: UUID, now: datetime) -> None:
    """Write `text` into the thread as a complaint, once for the form's `key`, and start the provider's clock.

    It may be written however many messages have had no answer: that may be what it is about. TextRefused,
    NothingToComplain. The caller commits, or rolls back what was refused.
    """
    said = message_text(text)
    order = locked_order(session, order_id)
    message = add_message(session, order, Author.BUYER, said, key, None, now)
    if message is None:
        return
    if not may_complain(order, standing_complaint(session, order.id)):
        raise NothingToComplain
    complaint = add_complaint(session, order, ComplaintKind.BUYER, now)
    order.asked_at = order.asked_at or now
    say(session, complaint, Said.COMPLAINT, now)
    tell_of_message(session, order, message, now, complaint)


def add_complaint(session: Session, order: Order, kind: ComplaintKind, now: datetime) -> Complaint:
    """The row, whoever opens it. The caller holds the order's lock."""
    complaint = Complaint(
        id=uuid4(),
        order_id=order.id,
        kind=kind,
        state=ComplaintState.OPEN,
        opened_at=now,
        due_at=now + ANSWER_WITHIN,
    )
    session.add(complaint)
    session.flush()
    record(
        session,
        Event.COMPLAINT_OPENED,
        "complaint",
        complaint.id,
        now,
        order_id=order.id,
        actor="buyer" if kind == ComplaintKind.BUYER else "platform",
        kind=kind.value,
        due_at=complaint.due_at.isoformat(),
    )
    return complaint
