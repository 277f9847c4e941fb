"""What of an order's money is at the provider, and how much of that is on its way back already."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import Payment, PaymentEntry
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.states import OPEN
from app.integrations.gateways.interface import INCOMING

# Nothing of such an order's money is the provider's to keep, or a person decides whether it is.
_KEEPS_NOTHING = frozenset({OrderState.REFUND_DUE, OrderState.REFUNDED, OrderState.NEEDS_ATTENTION})


def receipts_of(session: Session, order_id: UUID) -> Sequence[PaymentEntry]:
    """Everything that came for an order, the newest first: surplus goes back from that end."""
    return session.scalars(
        select(PaymentEntry)
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .where(Payment.order_id == order_id, PaymentEntry.kind == "receipt")
        .order_by(PaymentEntry.at.desc(), PaymentEntry.recorded_at.desc(), PaymentEntry.id.desc())
    ).all()


def refunds_of(session: Session, order_id: UUID) -> Sequence[Refund]:
    """An order's refunds, the oldest first."""
    return session.scalars(
        select(Refund).where(Refund.order_id == order_id).order_by(Refund.created_at, Refund.id)
    ).all()


def open_refunds(session: Session, order_id: UUID) -> Sequence[Refund]:
    """Those that have not come to an end."""
    return [each for each in refunds_of(session, order_id) if each.state in OPEN]


def net_by_payment(session: Session, order_id: UUID) -> Counter[tuple[UUID, str]]:
    """What came less what left again, in minor units, by payment and currency."""
    rows = session.execute(
        select(
            PaymentEntry.payment_id,
            PaymentEntry.currency,
            PaymentEntry.kind,
            func.sum(PaymentEntry.amount_minor),
        )
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .where(Payment.order_id == order_id)
        .group_by(PaymentEntry.payment_id, PaymentEntry.currency, PaymentEntry.kind)
    )
    net: Counter[tuple[UUID, str]] = Counter()
    for payment_id, currency, kind, total in rows:
        net[payment_id, currency] += int(total) if kind in INCOMING else -int(total)
    return net


def to_give_back(session: Session, order: Order) -> Counter[str]:
    """Minor units that the provider has and may not keep, by currency, as the order stands. Never negative."""
    net: Counter[str] = Counter()
    for (_, currency), minor in net_by_payment(session, order.id).items():
        net[currency] += minor
    if order.state not in _KEEPS_NOTHING:
        net[order.currency] -= order.total_minor
    return Counter({currency: max(minor, 0) for currency, minor in net.items()})


def given_by_receipt(refunds: Sequence[Refund]) -> Counter[tuple[UUID, str]]:
    """What refunds give back, or have given, of each receipt."""
    given: Counter[tuple[UUID, str]] = Counter()
    for each in refunds:
        if each.state != RefundState.WITHDRAWN:
            given[each.payment_id, each.receipt_id] += each.amount_minor
    return given
