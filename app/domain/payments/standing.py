"""How an order stands beside its state: derived from the ledger and the attempts, never set."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.models import Payment, PaymentEntry, PaymentState
from app.domain.payments.states import OPEN
from app.integrations.gateways.interface import INCOMING


class Mark(StrEnum):
    """What is worth a word beside an order's state. Several can hold at once."""

    PART_PAID = "part_paid"
    OVERPAID = "overpaid"
    ON_HOLD = "on_hold"  # a gateway has money in its hands that it has not released
    DISPUTED = "disputed"
    REFUNDED_IN_PART = "refunded_in_part"


@dataclass(frozen=True)
class Standing:
    """`payment_state`: of the latest attempt that no other has taken the place of. `marks`: in the order of Mark."""

    payment_state: str | None = None
    marks: tuple[Mark, ...] = ()


def standing(session: Session, order: Order) -> Standing:
    """How one order stands."""
    return standings(session, [order])[order.id]


def standings(session: Session, orders: Collection[Order]) -> Mapping[UUID, Standing]:
    """How orders stand, by their ids, with as many queries for a list as for one."""
    ids = [order.id for order in orders]
    ledger = _ledger(session, ids)
    transfers = session.execute(
        select(BankTransfer.order_id, BankTransfer.tolerance_minor).where(BankTransfer.order_id.in_(ids))
    )
    tolerated = {order_id: minor for order_id, minor in transfers}  # noqa: C416 (a row is no pair to mypy)
    attempts = session.execute(
        select(Payment.order_id, Payment.state, Payment.superseded_at)
        .where(Payment.order_id.in_(ids))
        .order_by(Payment.created_at, Payment.id)
    ).all()
    present = {order_id: state for order_id, state, superseded in attempts if superseded is None}
    on_hold = {order_id for order_id, state, _ in attempts if state == PaymentState.PENDING}
    return {
        order.id: Standing(
            present.get(order.id),
            _marks(order, ledger.get(order.id, {}), tolerated.get(order.id, 0), order.id in on_hold),
        )
        for order in orders
    }


def second_payment_open(session: Session, order_id: UUID) -> Sequence[Payment]:
    """Attempts that another has taken the place of, and that may yet bring money."""
    return session.scalars(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.superseded_at.is_not(None), Payment.state.in_(OPEN))
        .order_by(Payment.created_at)
    ).all()


def _marks(order: Order, moved: Mapping[str, int], tolerated: int, on_hold: bool) -> tuple[Mark, ...]:
    net = sum(minor if kind in INCOMING else -minor for kind, minor in moved.items())
    back = moved.get("refund", 0) - moved.get("refund_failed", 0)
    disputed = moved.get("chargeback", 0) - moved.get("chargeback_won", 0)
    waits = order.state == OrderState.AWAITING_PAYMENT
    holds = {
        Mark.PART_PAID: waits and 0 < net < order.total_minor - tolerated,
        Mark.OVERPAID: net + disputed > order.total_minor,
        Mark.ON_HOLD: on_hold,
        Mark.DISPUTED: disputed > 0,
        # What went back of a surplus leaves the order's own money where it is.
        Mark.REFUNDED_IN_PART: back > 0 and 0 < net < order.total_minor,
    }
    return tuple(mark for mark in Mark if holds[mark])


def _ledger(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Order → kind of entry → sum in minor units of the order's currency."""
    found: dict[UUID, dict[str, int]] = {}
    rows = session.execute(
        select(Payment.order_id, PaymentEntry.kind, func.sum(PaymentEntry.amount_minor))
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .join(Order, Payment.order_id == Order.id)
        .where(Payment.order_id.in_(ids), PaymentEntry.currency == Order.currency)
        .group_by(Payment.order_id, PaymentEntry.kind)
    )
    for order_id, kind, minor in rows:
        found.setdefault(order_id, {})[kind] = int(minor)
    return found
