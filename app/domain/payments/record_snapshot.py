"""Settle: take the gateway's present truth, check whom and what it is about, and let the order follow."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.later import defer
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.flag_order import flag_order
from app.domain.orders.give_back import give_back
from app.domain.orders.hold import NotAvailable, hold_again
from app.domain.orders.models import Order, OrderState
from app.domain.orders.states import step as order_step
from app.domain.payments.bank.queries import tolerated_shortfall
from app.domain.payments.begin_or_wait import begin_or_wait
from app.domain.payments.disputes import tell_of_disputes
from app.domain.payments.leave_attempts import leave_attempts
from app.domain.payments.ledger import add_entry, known_entries
from app.domain.payments.lose_payment import lose_payment
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.queries import locked_payment, net_paid, open_payment_of
from app.domain.payments.refunds.follow_entries import follow_entries
from app.domain.payments.refunds.request_refunds import request_refunds
from app.domain.payments.refunds.request_surplus import request_surplus
from app.domain.payments.refunds.settle_refunds import settle_refunds
from app.domain.payments.states import CLOSED, OPEN, STEPS, step
from app.domain.settings.queries import span
from app.domain.team.tell_provider import tell_provider
from app.integrations.gateways.interface import Entry, PayState, Snapshot


class PaymentMismatch(Exception):
    """The gateway's payment is not the one that was asked for. `fields` says in what: amount, payee, reference."""

    def __init__(self, fields: dict[str, tuple[str, str]]) -> None:
        super().__init__(
            ", ".join(f"{name}: {found} instead of {due}" for name, (due, found) in fields.items())
        )
        self.fields = fields


class Next(Enum):
    """What the shell does now that the truth is recorded."""

    NOTHING = "nothing"
    CAPTURE = "capture"
    AGAIN = "again"  # the gateway may only not find it yet
    RELEASE = "release"  # nobody waits for this attempt any more: what is open there is to be closed
    ALARM = "alarm"  # it is not what was asked for: a person looks at it, and soon


_GIVEN_UP = frozenset({OrderState.EXPIRED, OrderState.WITHDRAWN})
_BEYOND_PAYING = frozenset({OrderState.CANCELLING, OrderState.COMPLETED})
# A gateway may not find a checkout yet that it has only just opened.
_FRESH = timedelta(seconds=30)
_MAY_YET_BE_PAID = frozenset({PayState.STARTED, PayState.AUTHORIZED})
_ABOUT_MONEY = frozenset({PayState.AUTHORIZED, PayState.PENDING, PayState.CAPTURED})


def check_snapshot(payment: Payment, snapshot: Snapshot) -> None:
    """Amount with currency, payee and reference must be the order's own. PaymentMismatch otherwise.

    Missing facts count as wrong once money is involved: a check that cannot be made has not passed.
    """
    found = {"amount": snapshot.amount, "payee": snapshot.payee, "reference": snapshot.reference}
    due = {"amount": payment.amount, "payee": payment.account.external_id, "reference": str(payment.id)}
    wrong = {name: (str(due[name]), str(value)) for name, value in found.items() if value != due[name]}
    received = [entry for entry in snapshot.entries if entry.kind == "receipt"]
    if snapshot.in_parts:
        received = [entry for entry in received if entry.amount.currency != payment.currency]
    if any(entry.amount != payment.amount for entry in received):
        wrong["received"] = (str(payment.amount), ", ".join(str(entry.amount) for entry in received))
    if wrong:
        raise PaymentMismatch(wrong)


def record_snapshot(session: Session, payment_id: UUID, snapshot: Snapshot, now: datetime) -> Next:
    """Record what the gateway says of a payment, in any order and as often as one likes.

    The same snapshot twice changes nothing the second time. The caller commits.
    """
    payment = locked_payment(session, payment_id)
    payment.looked_at = now
    order = payment.order
    if snapshot.state in _ABOUT_MONEY:
        try:
            check_snapshot(payment, snapshot)
        except PaymentMismatch as mismatch:
            new = _record_mismatch(session, payment, snapshot, mismatch, now)
            settle_refunds(session, order, now)
            return Next.ALARM if new else Next.NOTHING
    moved = _add_entries(session, payment, snapshot, now)
    _follow(session, payment, snapshot, now)
    tell_of_disputes(session, order, moved, now)
    if not moved and payment.state == PaymentState.CAPTURED and order.state in _BEYOND_PAYING:
        return Next.NOTHING  # what its money asked for was done when the money moved
    if payment.state == PaymentState.CAPTURED or moved:
        _settle(session, order, now, moved=bool(moved))
        request_surplus(session, order, now)
        return Next.NOTHING
    if payment.state in OPEN and _may_be_too_fresh(payment, snapshot, now):
        return Next.AGAIN
    # What we know may be older than what the gateway says: only a present approval is captured.
    approved = payment.state == PaymentState.AUTHORIZED and snapshot.state is PayState.AUTHORIZED
    if approved and _may_capture(session, order, payment, now):
        return Next.CAPTURE
    if payment.state in CLOSED and snapshot.state in _MAY_YET_BE_PAID:
        return Next.RELEASE
    return Next.NOTHING


def _follow(session: Session, payment: Payment, snapshot: Snapshot, now: datetime) -> None:
    """Move the attempt to where the gateway has it; a truth that is older than ours moves nothing."""
    was, reason = payment.state, snapshot.reason
    match snapshot.state:
        case PayState.CAPTURED if was != PaymentState.CAPTURED:
            step(session, payment, "settle", now, reason=reason)
        case PayState.AUTHORIZED if was in {PaymentState.CREATED, PaymentState.STARTED, PaymentState.PENDING}:
            step(session, payment, "authorize", now)
        case PayState.AUTHORIZED if was in STEPS["retry_authorize"][0] and _may_reopen(
            session, payment, {OrderState.EXPIRED}
        ):
            step(session, payment, "retry_authorize", now)
        case PayState.PENDING if was == PaymentState.PENDING:
            payment.reason = reason  # it may wait for something else now
        case PayState.PENDING if was in OPEN:
            step(session, payment, "go_pending", now, reason=reason)
        case PayState.PENDING if was in CLOSED and _may_reopen(session, payment, _GIVEN_UP):
            step(session, payment, "late_pending", now, reason=reason)
        case PayState.FAILED if was in OPEN:
            step(session, payment, "fail", now, reason=reason)
            if payment.superseded_at is None:  # else the buyer pays in another way already
                queue_order_mail(session, payment.order, "payment_failed", now, payment_id=str(payment.id))
        case PayState.EXPIRED if _may_be_too_fresh(payment, snapshot, now):
            pass
        case PayState.EXPIRED if was in OPEN:
            step(session, payment, "lapse", now, reason=reason)
        case _:
            pass
    if payment.state == PaymentState.PENDING and payment.reason == "payee_action":
        tell_provider(
            session,
            payment.account.provider,
            "payment_waits_for_payee",
            str(payment.id),
            now,
            order_id=payment.order_id,
            gateway=payment.gateway,
        )


def _may_be_too_fresh(payment: Payment, snapshot: Snapshot, now: datetime) -> bool:
    return snapshot.reason == "forgotten" and now - payment.changed_at < _FRESH


def _may_reopen(session: Session, payment: Payment, states: AbstractSet[OrderState]) -> bool:
    """Is the order in one of these states, and no other attempt open? There is one open attempt at a time."""
    return payment.order.state in states and open_payment_of(session, payment.order_id) is None


def _may_capture(session: Session, order: Order, payment: Payment, now: datetime) -> bool:
    """Only for an order that holds its units; one that has expired tries to hold them again.

    Never for a withdrawn one: its buyer has given up, or was told that the money is not taken.
    """
    if order.state == OrderState.AWAITING_PAYMENT:
        return True
    if order.state != OrderState.EXPIRED:
        return False
    try:
        hold_again(session, order, now)
    except NotAvailable:
        step(session, payment, "abandon", now, reason="units_gone")
        queue_order_mail(session, order, "approved_too_late", now)
        return False
    order.hold_until = now + span(session, "hold_minutes")
    order_step(session, order, "hold_again", now)
    defer(session, "expire_order", at=order.hold_until, order_id=order.id)
    return True


def _settle(session: Session, order: Order, now: datetime, *, moved: bool) -> None:
    """Let the order follow the ledger. `moved`: there is something new in it."""
    session.flush()
    net = net_paid(session, order)
    if moved and net > order.total_minor:
        record(session, Event.PAYMENT_EXCESS, "order", order.id, now, order_id=order.id, net=net)
    if order.state == OrderState.FULFILMENT_FAILED and net <= 0:
        give_back(session, order, order.state_reason, now)
    settle_refunds(session, order, now)
    short = order.total_minor - net
    if short > tolerated_shortfall(session, order.id):
        if order.state == OrderState.PAID:
            lose_payment(session, order, net, now)
        elif net > 0 and order.state in _GIVEN_UP:
            _refuse_late(session, order, "part_paid", now)
        return
    if moved and short > 0:
        record(session, Event.PAYMENT_SHORT, "order", order.id, now, order_id=order.id, short=short)
    if order.state == OrderState.AWAITING_PAYMENT:
        order_step(session, order, "pay", now)
    elif order.state in _GIVEN_UP:
        try:
            hold_again(session, order, now)
        except NotAvailable:
            _refuse_late(session, order, "units_gone", now)
            return
        order_step(session, order, "late_accept", now)
    else:
        return
    leave_attempts(session, order, "paid_otherwise", now)
    begin_or_wait(session, order, now)


def _refuse_late(session: Session, order: Order, reason: str, now: datetime) -> None:
    """Money came for an order that had been given up, and cannot bring it back."""
    order_step(session, order, "late_refuse", now, reason=reason)
    queue_order_mail(session, order, "refund_due", now)
    request_refunds(session, order, reason, now)


def _record_mismatch(
    session: Session, payment: Payment, snapshot: Snapshot, mismatch: PaymentMismatch, now: datetime
) -> bool:
    """Nothing is captured and nothing is cancelled for such a payment; a person looks at it. False if it is known."""
    taken = snapshot.state is PayState.CAPTURED
    moved = _add_entries(session, payment, snapshot, now)
    # A closed attempt is news only if money has moved: otherwise this was seen before, or is left to lapse.
    new = payment.state in OPEN or (taken and payment.state != PaymentState.CAPTURED)
    if not new and not any(entry.kind == "receipt" for entry in moved):
        return False
    record(
        session,
        Event.PAYMENT_MISMATCH,
        "payment",
        payment.id,
        now,
        order_id=payment.order_id,
        found={name: {"due": due, "found": found} for name, (due, found) in mismatch.fields.items()},
    )
    if new:
        step(session, payment, "settle" if taken else "fail", now, reason="mismatch")
    flag_order(session, payment.order, "payment_mismatch", now)
    return True


def _add_entries(session: Session, payment: Payment, snapshot: Snapshot, now: datetime) -> list[Entry]:
    """Write the movements of money into the ledger; those that were not there yet. Refunds follow them."""
    known = known_entries(session, payment) if snapshot.entries else frozenset()
    unknown = [entry for entry in snapshot.entries if (entry.kind, entry.external_id) not in known]
    added = [entry for entry in unknown if add_entry(session, payment, entry, now)]
    follow_entries(session, payment, added, now)
    return added
