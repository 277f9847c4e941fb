"""Which orders a list shows: what the words of its filters mean in SQL.

What is said of one order on its page is said by `payments/standing.py`, `orders/attention.py` and `claims/queries.py`;
a test holds both together. Every word is served by an index of its own, or begins with what is open just now, which
does not grow with the years: docs/performance.md.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Uuid,
    and_,
    any_,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
    union,
)

from app.domain.orders.attention import for_a_person
from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.models import BankAccount, BankLine, BankTransfer, LineState
from app.domain.payments.claims.queries import CLAIMABLE, NOT_RECEIVED
from app.domain.payments.models import Payment, PaymentEntry, PaymentState, ReleaseRule
from app.domain.payments.refund_models import PaymentClaim, Refund
from app.domain.payments.refunds.states import OPEN, TO_SEND
from app.domain.threads.models import Complaint, ComplaintState

# Money that came for an order which had ended, and has to go back: reasons of a refund that is due.
LATE_REASONS = ("units_gone", "paid_again")
# What the planner has to know is written into the statement: of a parameter it knows nothing, once it is prepared.
_NOTHING = literal_column("0", BigInteger)


class Show(StrEnum):
    """What is the matter with an order."""

    NEEDS_PROVIDER = "needs_provider"  # its provider has something to do
    NEEDS_DECISION = "needs_decision"  # an administrator has
    OVERDUE = "overdue"  # the time to pay is over, or the day of the transfer
    PART_PAID = "part_paid"
    OVERPAID = "overpaid"
    LATE_MONEY = "late_money"  # money came for an order that had ended
    ON_HOLD = "on_hold"  # a gateway has money in its hands that it has not released
    DISPUTED = "disputed"


class Trials(StrEnum):
    """Orders by which a provider tries out being paid."""

    WITHOUT = "without"
    ONLY = "only"


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; None: to nothing. `placed_from` (inclusive) and `placed_before` are UTC.

    `provider_id` is whose orders they are: the list of a provider never goes without.
    """

    provider_id: UUID | None = None
    show: Show | None = None
    state: OrderState | None = None
    method: str | None = None
    currency: str | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    trials: Trials | None = None


def branches(wanted: Wanted, now: datetime) -> list[list[ColumnElement[bool]]]:
    """What an order has to be: all of one of these lists. Most filters have one; each is served by an index in order."""
    narrowed = _narrowed(wanted)
    if wanted.show is None:
        return [narrowed]
    return [[*narrowed, each] for each in _shown(wanted.show, now)]


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.provider_id is not None:
        found.append(Order.provider_id == wanted.provider_id)
    if wanted.state is not None:
        found.append(_in_state(wanted.state))
    if wanted.method is not None:
        found.append(Order.method == wanted.method)
    if wanted.currency is not None:
        found.append(Order.currency == wanted.currency)
    if wanted.placed_from is not None:
        found.append(Order.placed_at >= wanted.placed_from)
    if wanted.placed_before is not None:
        found.append(Order.placed_at < wanted.placed_before)
    if wanted.trials is not None:
        found.append(and_(Order.trial) if wanted.trials is Trials.ONLY else not_(Order.trial))
    return found


def _shown(show: Show, now: datetime) -> list[ColumnElement[bool]]:
    """One condition, or several of which one is enough."""
    net = Order.received_minor - Order.given_back_minor - Order.disputed_minor
    waits = _in_state(OrderState.AWAITING_PAYMENT)
    match show:
        case Show.PART_PAID:
            tolerated = select(BankTransfer.tolerance_minor).where(BankTransfer.order_id == Order.id)
            missing = Order.total_minor - net
            return [and_(waits, net > _NOTHING, missing > func.coalesce(tolerated.scalar_subquery(), 0))]
        case Show.OVERPAID:
            return [Order.received_minor - Order.given_back_minor > Order.total_minor]
        case Show.DISPUTED:
            return [Order.disputed_minor > _NOTHING]
        case Show.LATE_MONEY:
            return [and_(_in_state(OrderState.REFUND_DUE), Order.state_reason.in_(LATE_REASONS))]
        case Show.OVERDUE:
            return [and_(waits, or_(Order.hold_until <= now, _day_has_passed(now)))]
        case Show.ON_HOLD:
            pending = Payment.state == literal_column(f"'{PaymentState.PENDING}'")
            return [_one_of(select(Payment.order_id).where(pending))]
        case Show.NEEDS_PROVIDER:
            return _needs_provider()
        case Show.NEEDS_DECISION:
            return _needs_decision(now)


def _in_state(state: OrderState) -> ColumnElement[bool]:
    return Order.state == literal_column(f"'{state}'")


def _one_of(*open_work: Select[UUID]) -> ColumnElement[bool]:
    """Found from the work that is open, once, however many orders there are."""
    ids = (open_work[0] if len(open_work) == 1 else union(*open_work)).subquery("open_work")
    return Order.id == any_(func.array(select(ids.c[0]).scalar_subquery(), type_=ARRAY(Uuid)))


def _day_has_passed(now: datetime) -> ColumnElement[bool]:
    """The buyer was asked to send the transfer by a day that is over where the provider is."""
    today = func.date(func.timezone(BankAccount.zone, now))
    return exists(
        select(BankTransfer.order_id)
        .join(BankAccount, BankAccount.account_id == BankTransfer.account_id)
        .where(BankTransfer.order_id == Order.id, BankTransfer.due_on < today)
    )


def _needs_provider() -> list[ColumnElement[bool]]:
    """Payments to look at; transfers to confirm; claims to answer, money to send back, lines of statements to decide
    about, complaints to put right, buyers to answer.
    """
    reviewed = (
        select(Payment.id)
        .join(PaymentEntry, PaymentEntry.payment_id == Payment.id)
        .where(
            Payment.order_id == Order.id,
            Payment.release_rule == ReleaseRule.REVIEW,
            PaymentEntry.kind == "receipt",
        )
    )
    said_sent = select(BankTransfer.order_id).where(
        BankTransfer.order_id == Order.id, BankTransfer.said_sent_at.is_not(None)
    )
    claimed = (
        select(PaymentClaim.order_id)
        .join(Order, Order.id == PaymentClaim.order_id)
        .where(PaymentClaim.answer.is_(None), Order.state.in_(CLAIMABLE))
    )
    return [
        and_(
            _in_state(OrderState.PAID),
            Order.release_at.is_not(None),
            Order.released_by.is_(None),
            exists(reviewed),
        ),
        and_(_in_state(OrderState.AWAITING_PAYMENT), exists(said_sent)),
        _one_of(
            claimed,
            select(Refund.order_id).where(Refund.state.in_(TO_SEND)),
            _orders_of_lines(),
            select(Complaint.order_id).where(Complaint.state == ComplaintState.OPEN),
            select(Order.id).where(Order.asked_at.is_not(None)),
        ),
    ]


def _orders_of_lines() -> Select[UUID]:
    """Orders that a line of a statement names, about which somebody has to decide or be the second person."""
    share = func.jsonb_array_elements(BankLine.shares).table_valued("value").lateral()
    return (
        select(Order.id)
        .select_from(BankLine)
        .join(share, text("true"))
        .join(Order, Order.number == func.jsonb_extract_path_text(share.c.value, "0"))
        .where(BankLine.state.in_([LineState.OPEN, LineState.WAITING]))
    )


def _needs_decision(now: datetime) -> list[ColumnElement[bool]]:
    """What the administrators' list of open questions has: `orders_for_a_person`, `refunds_for_people`,
    `escalated_claims`; and complaints in which they mediate.
    """
    claimed = (
        select(PaymentClaim.order_id)
        .join(Order, Order.id == PaymentClaim.order_id)
        .where(
            PaymentClaim.escalated_at.is_not(None),
            or_(PaymentClaim.answer.is_(None), PaymentClaim.answer == NOT_RECEIVED),
            Order.state.in_(CLAIMABLE),
        )
    )
    return [
        _in_state(OrderState.NEEDS_ATTENTION),
        and_(_in_state(OrderState.PAID), for_a_person(now)),
        _one_of(
            claimed,
            select(Refund.order_id).where(Refund.escalated_at.is_not(None), Refund.state.in_(OPEN)),
            select(Complaint.order_id).where(Complaint.state == ComplaintState.ESCALATED),
        ),
    ]
