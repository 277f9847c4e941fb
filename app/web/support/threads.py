"""An order's thread on pages: what is shown of it, and what a form says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.domain.certificates.models import Certificate
from app.domain.orders.models import Order
from app.domain.threads.clocks import certificate_due
from app.domain.threads.message_text import TEXT_MAX, TextRefused
from app.domain.threads.models import Author, Complaint, ComplaintKind, ComplaintState, OrderMessage
from app.domain.threads.open_complaint import may_complain
from app.domain.threads.queries import complaint_of, thread_of
from app.domain.threads.write_message import TooMany


@dataclass(frozen=True)
class ThreadShown:
    """A thread as its pages show it. `due`: until when the certificate has to be there, while that clock runs."""

    messages: Sequence[OrderMessage]
    complaint: Complaint | None  # the one that stands, else the last
    due: datetime | None
    complaint_possible: bool
    key: UUID = field(default_factory=uuid4)  # of the next form, so that sending it twice writes once
    text_max: int = TEXT_MAX

    @property
    def complaint_stands(self) -> bool:
        return self.complaint is not None and self.complaint.state != ComplaintState.CLOSED

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """Changes when what a page shows of it would."""
        stands = (self.complaint.id, self.complaint.state, self.complaint.due_at) if self.complaint else None
        return len(self.messages), stands, self.complaint and self.complaint.answered_at, self.due


def thread_shown(session: Session, order: Order, certificate: Certificate | None) -> ThreadShown:
    """Read it. `certificate` is the order's, None until its PDF is there."""
    complaint = complaint_of(session, order.id)
    # While a complaint stands its own clock counts, and of a late certificate the platform complains once.
    complained = complaint is not None and (
        complaint.state != ComplaintState.CLOSED or complaint.kind == ComplaintKind.CERTIFICATE_LATE
    )
    return ThreadShown(
        messages=thread_of(session, order.id),
        complaint=complaint,
        due=certificate_due(order) if certificate is None and not complained else None,
        complaint_possible=may_complain(order, complaint),
    )


def typed_message() -> tuple[str, UUID]:
    """The text and the key that came with a form. A key that is none is of this form alone."""
    try:
        key = UUID(request.form.get("key", ""))
    except ValueError:
        key = uuid4()
    return request.form.get("text", ""), key


def message_problem(refused: TextRefused | TooMany, author: Author) -> str:
    """What is wrong with a message, and what to do."""
    if isinstance(refused, TooMany):
        other = _("the seller") if author == Author.BUYER else _("the buyer")
        return _(
            "You have written five times without an answer. Please wait for %(other)s; your text is kept here.",
            other=other,
        )
    if refused.code == "empty":
        return _("Write something first.")
    return _("The message is longer than %(most)s characters. Please shorten it.", most=TEXT_MAX)
