"""Orders with money that is to go back, and what an act leaves of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import Payment, PaymentEntry, PaymentState
from app.domain.payments.proofs import check_proof
from app.domain.payments.record_snapshot import record_snapshot
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.refunds.begin_refund import begin_refund, record_refusal
from app.domain.payments.refunds.say_refund_sent import say_refund_sent
from app.integrations.gateways.interface import Entry, PayState
from app.money import Money
from tests.domain.payments.attempts import SOON, expire, make_payment, receipt, snapshot
from tests.factories import NOW

LATER = NOW + timedelta(hours=2)
PROOF = check_proof(b"%PDF-1.7 sample", "advice.pdf")


def make_refund(session: Session, order: Order, payment: Payment | None = None, **fields: Any) -> Refund:
    """A refund of 10.00 of the order's currency, requested unless `fields` say otherwise; nothing is in the ledger."""
    payment = payment or make_payment(session, order, PaymentState.CAPTURED)
    values = {
        "receipt_id": "CAPTURE-1",
        "cause": "units_gone",
        "amount_minor": 1000,
        "currency": order.currency,
        "state": RefundState.REQUESTED,
        "created_at": NOW,
        "changed_at": NOW,
    }
    refund = Refund(id=uuid4(), order_id=order.id, payment_id=payment.id, **{**values, **fields})
    session.add(refund)
    session.flush()
    session.refresh(refund)
    return refund


def due_back(session: Session) -> Order:
    """28,000 came for an order whose units are gone: one refund, requested."""
    payment = make_payment(session)
    order = payment.order
    expire(session, order)
    order.lines[0].offer.held = order.lines[0].offer.quantity
    session.flush()
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    session.flush()
    assert order.state == OrderState.REFUND_DUE
    return order


def paid(session: Session) -> Payment:
    """An order that was paid and is being cancelled."""
    payment = make_payment(session)
    tell(session, payment, receipt(payment))
    assert payment.state == PaymentState.CAPTURED
    return payment


def tell(session: Session, payment: Payment, *entries: Entry, now: datetime = SOON) -> None:
    """The gateway tells of these movements."""
    told = snapshot(payment, PayState.CAPTURED, *entries, in_parts=True)
    record_snapshot(session, payment.id, told, now)
    session.flush()


def given_back(payment: Payment, minor: int, number: int = 1, kind: str = "refund") -> Entry:
    return Entry(kind, f"REFUND-{number}", Money(minor, payment.currency), LATER)


def only_refund(session: Session, order: Order) -> Refund:
    (found,) = refunds_of(session, order.id)
    return found


def by_hand(session: Session, order: Order | None = None, now: datetime = SOON) -> Refund:
    """A refund that the gateway could not make."""
    refund = only_refund(session, order or due_back(session))
    begin_refund(session, refund.id, now)
    record_refusal(session, refund.id, "refund_window_over", now)
    session.flush()
    assert refund.state == RefundState.BY_HAND
    return refund


def sent(session: Session, refund: Refund | None = None, now: datetime = SOON) -> Refund:
    """The provider says that they have sent it."""
    refund = refund or by_hand(session)
    say_refund_sent(session, refund.id, now.date(), "by transfer", PROOF, None, now)
    session.flush()
    return refund


def ledger(session: Session, order: Order) -> Sequence[tuple[str, str, int]]:
    """Kind, external id and minor units of every movement, as they were recorded."""
    rows = session.scalars(
        select(PaymentEntry)
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .where(Payment.order_id == order.id)
        .order_by(PaymentEntry.recorded_at, PaymentEntry.kind)
    )
    return [(row.kind, row.external_id, row.amount_minor) for row in rows]
