"""The words of an order's thread, of the certificate's clock and of complaints: the same to everybody."""

from datetime import datetime

from flask import Flask
from flask_babel import gettext as _

from app.domain.threads.models import Author, Complaint, ComplaintKind, ComplaintState, OrderMessage
from app.domain.threads.say import Said
from app.web.support.filters import day, moment


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        message_author=message_author,
        message_words=message_words,
        complaint_words=complaint_words,
        complaint_kind=complaint_kind,
        clock_words=clock_words,
    )


def message_author(author: str, seller: str) -> str:
    """Who wrote: the seller by name, everybody else by what they are here."""
    return {
        Author.BUYER: _("The buyer"),
        Author.PROVIDER: seller,
        Author.ADMINISTRATOR: _("The platform’s administrators"),
        Author.PLATFORM: _("The platform"),
    }[Author(author)]


def message_words(message: OrderMessage) -> str:
    """What was written; of the platform in the reader's language."""
    if message.author != Author.PLATFORM:
        return message.text or _("(erased)")
    return {
        Said.CERTIFICATE_LATE: _(
            "No certificate is there 72 hours after the payment. The platform has opened a complaint."
        ),
        Said.COMPLAINT: _("The buyer has made a complaint of it."),
        Said.ESCALATED: _("The platform’s administrators have been asked to mediate."),
        Said.SOLVED: _("The buyer says that it is solved. The complaint is closed."),
        Said.DECIDED: _("The administrators have closed the complaint."),
        Said.CERTIFICATE_THERE: _("The certificate is there. The complaint is closed."),
        Said.ORDER_ENDED: _("The order has ended in another way. The complaint is closed."),
        Said.BUYER_ERASED: _("The buyer’s data were erased. The complaint is closed."),
    }[Said(message.text)]


def clock_words(due: datetime, seller: str) -> str:
    """Until when the certificate of a paid order has to be there."""
    return _(
        "%(seller)s has until %(moment)s for the certificate. If it is not there by then, the platform opens a "
        "complaint by itself.",
        seller=seller,
        moment=moment(due),
    )


def complaint_words(complaint: Complaint, seller: str) -> str:
    """How a complaint stands, as sentences."""
    opened = day(complaint.opened_at)
    late = complaint.kind == ComplaintKind.CERTIFICATE_LATE
    began = (
        _("The certificate was late, and the platform complained on %(day)s.", day=opened)
        if late
        else _("The buyer complained on %(day)s.", day=opened)
    )
    if complaint.state == ComplaintState.CLOSED and complaint.closed_at is not None:
        how = _("The complaint was closed on %(day)s.", day=day(complaint.closed_at))
        return " ".join([began, how, complaint.outcome or ""]).strip()
    if complaint.state == ComplaintState.ESCALATED:
        return f"{began} " + _("The platform’s administrators have been asked to mediate.")
    if not late and complaint.answered_at is not None:
        return f"{began} " + _("%(seller)s has answered.", seller=seller)
    return f"{began} " + _(
        "%(seller)s has until %(moment)s; then the platform’s administrators are asked to mediate.",
        seller=seller,
        moment=moment(complaint.due_at),
    )


def complaint_kind(complaint: Complaint) -> str:
    """What a complaint is about, in two or three words."""
    late = complaint.kind == ComplaintKind.CERTIFICATE_LATE
    return _("Late certificate") if late else _("Complaint of the buyer")
