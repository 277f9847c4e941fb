"""Number a tax document and freeze what it says, on the provider's behalf; its PDF is printed afterwards."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.certificates.queries import certificate_of
from app.domain.later import defer
from app.domain.orders.models import Order, OrderState
from app.domain.payments.queries import locked_order
from app.domain.tax_documents.facts import freeze, to_json
from app.domain.tax_documents.models import TaxDocument
from app.domain.tax_documents.number import next_number
from app.domain.tax_documents.queries import last_number
from app.domain.tax_documents.series import has_series

_PAID = frozenset({OrderState.PAID, OrderState.CANCELLING, OrderState.COMPLETED})


class NotPossible(Exception):
    """The order is not paid, or the provider has chosen no series."""


class AlreadyMade(Exception):
    """Another document has been made since the page was seen that asks for this one."""


def can_make(order: Order) -> bool:
    """May a document of this order be numbered and made here?"""
    paid = order.state in _PAID and order.paid_at is not None and not order.trial
    return paid and has_series(order.provider)


def make_tax_document(
    session: Session, order_id: UUID, after: str | None, person_id: UUID | None, now: datetime
) -> TaxDocument:
    """The order's next document. NotPossible, AlreadyMade. The caller commits; a job prints it then.

    `after` is the number of the newest one that the person has seen, which the new one corrects; None where there is
    none. So asking twice makes one. `person_id` is None where the provider wants one of every order.
    """
    order = locked_order(session, order_id)
    if not can_make(order) or order.provider.invoice_prefix is None:
        raise NotPossible(order.number)
    if last_number(session, order.id) != after:
        raise AlreadyMade(order.number)
    number = next_number(session, order.provider_id, order.provider.invoice_prefix, now.year)
    data = freeze(order, certificate_of(session, order.id), number, after, now)
    document = TaxDocument(
        id=uuid4(),
        order_id=order.id,
        provider_id=order.provider_id,
        number=number,
        facts=to_json(data),
        filename=f"{number}.pdf",
        content_type="application/pdf",
        person_id=person_id,
        at=now,
    )
    session.add(document)
    session.flush()
    record(
        session,
        Event.TAX_DOCUMENT_ADDED,
        "tax_document",
        document.id,
        now,
        order_id=order.id,
        actor="provider" if person_id is not None else "platform",
        person_id=person_id,
        number=number,
        sha256=None,
    )
    defer(session, "print_tax_document", document_id=document.id)
    return document


def make_by_itself(session: Session, order: Order, now: datetime) -> None:
    """The same for a provider who wants one of every order, once its certificate is there. The caller holds the lock."""
    if order.provider.invoice_automatic and can_make(order) and last_number(session, order.id) is None:
        make_tax_document(session, order.id, None, None, now)
