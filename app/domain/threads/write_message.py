"""Write to the other side of an order: buyer and provider to each other, an administrator to both."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.payments.queries import locked_order
from app.domain.threads.add_message import add_message
from app.domain.threads.clocks import ANSWER_WITHIN
from app.domain.threads.message_text import message_text
from app.domain.threads.models import Author, ComplaintKind
from app.domain.threads.queries import standing_complaint, unanswered_in_a_row
from app.domain.threads.tell import tell_of_message

MOST_IN_A_ROW = 5


class TooMany(Exception):
    """This side has written MOST_IN_A_ROW times, and nobody has answered yet."""


def write_message(
    session: Session,
    order_id: UUID,
    author: Author,
    text: str,
    key: UUID,
    person_id: UUID | None,
    now: datetime,
) -> None:
    """Add `text` to the order's thread and owe the other side a mail with it, once for the form's `key`.

    `person_id`: who wrote, where somebody is signed in. TextRefused, TooMany. The caller commits, or
    rolls back what was refused.
    """
    said = message_text(text)
    order = locked_order(session, order_id)
    message = add_message(session, order, author, said, key, person_id, now)
    if message is None:
        return
    if author != Author.ADMINISTRATOR and unanswered_in_a_row(session, order.id, author) > MOST_IN_A_ROW:
        raise TooMany
    if author == Author.BUYER:
        order.asked_at = order.asked_at or now
    elif author == Author.PROVIDER:
        order.asked_at = None
    _move_clock(session, order, author, now)
    tell_of_message(session, order, message, now)


def _move_clock(session: Session, order: Order, author: Author, now: datetime) -> None:
    """An answer stops the clock of a buyer's complaint, and what the buyer says to it starts it anew.

    Only a certificate stops the clock of one that is late.
    """
    complaint = standing_complaint(session, order.id)
    if complaint is None or complaint.kind != ComplaintKind.BUYER:
        return
    if author == Author.PROVIDER:
        complaint.answered_at = now
    elif author == Author.BUYER and complaint.answered_at is not None:
        complaint.answered_at, complaint.due_at = None, now + ANSWER_WITHIN
