"""Owe the buyer their money: a row for each receipt that is to go back, in the transaction that causes it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.later import defer
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import PaymentEntry
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.balance import (
    given_by_receipt,
    net_by_payment,
    open_refunds,
    receipts_of,
    refunds_of,
    to_give_back,
)


def request_refunds(session: Session, order: Order, cause: str, now: datetime) -> Sequence[Refund]:
    """A row for every receipt of an order that is due a refund, as far as it has not gone back; those that are new.

    Nothing for any other order, and nothing the second time. `cause`: a word for why, of
    `refund_words.cause`. The caller holds the order's lock and commits.
    """
    session.flush()
    if order.state != OrderState.REFUND_DUE:
        return []
    return allot(session, order, cause, to_give_back(session, order), now)


def allot(
    session: Session, order: Order, cause: str, wanted: Mapping[str, int], now: datetime
) -> Sequence[Refund]:
    """Spread what is to go back (minor units by currency) over the receipts, less what is on its way already.

    From the newest receipt on, and of none more than came and is still there.
    """
    if not any(minor > 0 for minor in wanted.values()):
        return []
    left = net_by_payment(session, order.id)
    missing = Counter(wanted)
    for each in open_refunds(session, order.id):
        left[each.payment_id, each.currency] -= each.amount_minor
        missing[each.currency] -= each.amount_minor
    given = given_by_receipt(refunds_of(session, order.id))
    made = []
    for receipt in receipts_of(session, order.id):
        account = (receipt.payment_id, receipt.currency)
        of_this = receipt.amount_minor - given[receipt.payment_id, receipt.external_id]
        minor = min(of_this, left[account], missing[receipt.currency])
        if minor > 0:
            made.append(_request(session, order, receipt, cause, minor, now))
            left[account] -= minor
            missing[receipt.currency] -= minor
    session.flush()
    return made


def _request(
    session: Session, order: Order, receipt: PaymentEntry, cause: str, minor: int, now: datetime
) -> Refund:
    """One row, with a key of its own. A receipt that was given back for this cause before is given back in parts."""
    before = session.scalars(
        select(Refund.cause).where(
            Refund.payment_id == receipt.payment_id, Refund.receipt_id == receipt.external_id
        )
    ).all()
    refund = Refund(
        id=uuid4(),
        order_id=order.id,
        payment_id=receipt.payment_id,
        receipt_id=receipt.external_id,
        cause=f"rest_{len(before)}" if cause in before else cause,
        amount_minor=minor,
        currency=receipt.currency,
        state=RefundState.REQUESTED,
        created_at=now,
        changed_at=now,
    )
    session.add(refund)
    session.flush()
    record(
        session,
        Event.REFUND_STEP,
        "refund",
        refund.id,
        now,
        order_id=order.id,
        step="request",
        before=None,
        after=RefundState.REQUESTED.value,
        cause=refund.cause,
        amount=str(refund.amount),
    )
    defer(session, "refund", refund_id=refund.id)
    return refund
