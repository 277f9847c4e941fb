"""The gateway's truth is recorded in any order and as often as it comes, and the order follows the money."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.cancellations.queries import cancellations_of
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import Payment, PaymentEntry, PaymentState
from app.domain.payments.record_snapshot import Next, PaymentMismatch, check_snapshot, record_snapshot
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.states import CLOSED
from app.integrations.gateways.interface import PayState, Snapshot
from app.money import Money
from tests.domain.payments.attempts import (
    SOON,
    TOO_LATE,
    expire,
    make_payment,
    receipt,
    refund,
    snapshot,
    withdraw,
)
from tests.factories import HOLD, NOW, make_offer, make_order, make_orders, make_provider
from tests.traces import books, forget_jobs, jobs, mails, payloads, steps, timed_jobs

LATER = TOO_LATE + timedelta(minutes=5)


def entries(session: Session, payment: Payment) -> list[tuple[str, str, int]]:
    rows = session.execute(
        select(PaymentEntry)
        .where(PaymentEntry.payment_id == payment.id)
        .order_by(PaymentEntry.kind.desc(), PaymentEntry.external_id)
    ).scalars()
    return [(row.kind, row.external_id, row.amount_minor) for row in rows]


def sell_the_rest(session: Session, order: Order) -> None:
    """Somebody else holds all there is."""
    for line in order.lines:
        line.offer.held = line.offer.quantity
    session.flush()


# Where each truth moves an attempt. What is not here stays where it is.

ALL = set(PaymentState)
OPEN = {PaymentState.CREATED, PaymentState.STARTED, PaymentState.AUTHORIZED, PaymentState.PENDING}
MOVES = {
    PayState.STARTED: {},
    PayState.AUTHORIZED: dict.fromkeys(OPEN, PaymentState.AUTHORIZED),
    PayState.PENDING: dict.fromkeys(OPEN, PaymentState.PENDING),
    PayState.CAPTURED: dict.fromkeys(ALL, PaymentState.CAPTURED),
    PayState.FAILED: dict.fromkeys(OPEN, PaymentState.FAILED),
    PayState.EXPIRED: dict.fromkeys(OPEN, PaymentState.EXPIRED),
}
# An order that was given up takes late money, and an approval if it is only late.
LATE_MOVES = MOVES | {PayState.PENDING: dict.fromkeys(OPEN | CLOSED, PaymentState.PENDING)}
OVERDUE_MOVES = LATE_MOVES | {
    PayState.AUTHORIZED: dict.fromkeys(
        {*OPEN, PaymentState.FAILED, PaymentState.EXPIRED}, PaymentState.AUTHORIZED
    )
}


@pytest.mark.parametrize(
    "order_state", [OrderState.AWAITING_PAYMENT, OrderState.EXPIRED, OrderState.WITHDRAWN]
)
@pytest.mark.parametrize("told", PayState)
def test_every_truth_moves_every_attempt_where_it_should(
    session: Session, told: PayState, order_state: OrderState
):
    order = make_order(session, make_offer(session, quantity=1000))
    order.state = order_state
    payment = make_payment(session, order)
    moves = {
        OrderState.AWAITING_PAYMENT: MOVES,
        OrderState.EXPIRED: OVERDUE_MOVES,
        OrderState.WITHDRAWN: LATE_MOVES,
    }[order_state][told]
    found = {}
    for state in PaymentState:
        payment.state, order.state = state, order_state
        session.flush()
        # Without its entries, so that the order does not follow.
        record_snapshot(session, payment.id, replace(snapshot(payment, told), entries=()), LATER)
        found[state] = payment.state
    assert found == {state: moves.get(state, state) for state in PaymentState}


def test_the_reason_and_the_time_of_a_move_are_kept(session: Session):
    payment = make_payment(session)
    record_snapshot(session, payment.id, snapshot(payment, PayState.PENDING, reason="echeck"), SOON)
    assert (payment.reason, payment.changed_at, payment.looked_at) == ("echeck", SOON, SOON)
    record_snapshot(session, payment.id, snapshot(payment, PayState.PENDING, reason="echeck"), LATER)
    assert (payment.changed_at, payment.looked_at) == (SOON, LATER)


def test_a_failed_attempt_is_told_to_the_buyer_once_and_leaves_the_order_waiting(session: Session):
    payment = make_payment(session)
    for _ in range(2):
        record_snapshot(session, payment.id, snapshot(payment, PayState.FAILED, reason="declined"), SOON)
    assert payment.order.state == OrderState.AWAITING_PAYMENT
    assert payment.order.lines[0].offer.held == 25
    (mail,) = mails(session, "payment_failed")
    assert mail.context == {"payment_id": str(payment.id)}
    assert steps(session, payment.id) == ["fail"]


# Approved.


def test_an_approval_asks_for_the_capture_as_often_as_it_is_seen(session: Session):
    payment = make_payment(session)
    told = snapshot(payment, PayState.AUTHORIZED)
    assert record_snapshot(session, payment.id, told, SOON) is Next.CAPTURE
    assert record_snapshot(session, payment.id, told, SOON) is Next.CAPTURE
    assert payment.order.state == OrderState.AWAITING_PAYMENT
    assert steps(session, payment.id) == ["authorize"]


@pytest.mark.parametrize(
    "older, then",
    [
        (Snapshot(PayState.STARTED), Next.NOTHING),
        (Snapshot(PayState.EXPIRED, reason="forgotten"), Next.AGAIN),
    ],
    ids=["started", "forgotten"],
)
def test_only_a_present_approval_is_captured(session: Session, older: Snapshot, then: Next):
    payment = make_payment(session, state=PaymentState.AUTHORIZED, changed_at=SOON)
    assert record_snapshot(session, payment.id, older, SOON) is then
    assert payment.state == PaymentState.AUTHORIZED


@pytest.mark.parametrize(
    "state",
    [
        OrderState.PAID,
        OrderState.CANCELLING,
        OrderState.COMPLETED,
        OrderState.WITHDRAWN,
        OrderState.REFUND_DUE,
        OrderState.REFUNDED,
        OrderState.NEEDS_ATTENTION,
    ],
)
def test_nothing_is_captured_for_an_order_that_does_not_wait(session: Session, state: OrderState):
    payment = make_payment(session)
    payment.order.state = state
    session.flush()
    assert record_snapshot(session, payment.id, snapshot(payment, PayState.AUTHORIZED), SOON) is Next.NOTHING
    assert payment.order.state == state


def test_approved_on_an_expired_order_holds_the_units_again(session: Session):
    payment = make_payment(session)
    order = payment.order
    expire(session, order)
    forget_jobs(session)
    assert order.lines[0].offer.held == 0
    assert record_snapshot(session, payment.id, snapshot(payment, PayState.AUTHORIZED), LATER) is Next.CAPTURE
    session.flush()
    assert (payment.state, order.state) == (PaymentState.AUTHORIZED, OrderState.AWAITING_PAYMENT)
    assert order.lines[0].offer.held == 25
    assert order.hold_until == LATER + HOLD
    assert timed_jobs(session, "expire_order") == [({"order_id": str(order.id)}, order.hold_until)]
    assert steps(session, payment.id) == ["lapse", "retry_authorize"]
    assert steps(session, order.id) == ["place", "expire", "hold_again"]


def test_approved_on_an_expired_order_whose_units_are_gone_is_abandoned_for_good(session: Session):
    payment = make_payment(session)
    order = payment.order
    expire(session, order)
    sell_the_rest(session, order)
    told = snapshot(payment, PayState.AUTHORIZED)
    assert record_snapshot(session, payment.id, told, LATER) is Next.RELEASE
    assert (payment.state, payment.reason) == (PaymentState.ABANDONED, "units_gone")
    assert order.state == OrderState.EXPIRED
    assert len(mails(session, "approved_too_late")) == 1
    # The buyer was told that the money is not taken: it stays so when the units come back.
    order.lines[0].offer.held = 0
    session.flush()
    before = books(session)
    assert record_snapshot(session, payment.id, told, LATER + timedelta(hours=1)) is Next.RELEASE
    assert books(session) == before


def test_an_approval_is_not_taken_once_the_order_is_withdrawn(session: Session):
    payment = make_payment(session)
    withdraw(session, payment.order)
    before = books(session)
    for told in (PayState.AUTHORIZED, PayState.STARTED):
        assert record_snapshot(session, payment.id, snapshot(payment, told), LATER) is Next.RELEASE
    assert (payment.state, payment.order.state) == (PaymentState.ABANDONED, OrderState.WITHDRAWN)
    assert payment.order.lines[0].offer.held == 0
    assert books(session) == before


@pytest.mark.parametrize("told", [PayState.AUTHORIZED, PayState.PENDING])
def test_one_attempt_an_order_is_open_at_a_time_also_when_it_comes_late(session: Session, told: PayState):
    order = make_order(session)
    first = make_payment(session, order, PaymentState.FAILED)
    second = make_payment(session, order)
    expire(session, order)
    record_snapshot(session, second.id, snapshot(second, PayState.PENDING), LATER)
    expected = Next.RELEASE if told is PayState.AUTHORIZED else Next.NOTHING
    assert record_snapshot(session, first.id, snapshot(first, told), LATER) is expected
    session.flush()
    assert (first.state, second.state) == (PaymentState.FAILED, PaymentState.PENDING)


# Captured.


def test_captured_pays_the_order_and_opens_its_cancellations(session: Session):
    provider = make_provider(session)
    group = make_orders(
        session, {make_offer(session, provider=provider): 20, make_offer(session, provider=provider): 5}
    )
    (order,) = group.orders
    payment = make_payment(session, order)
    told = snapshot(payment, PayState.CAPTURED)
    assert record_snapshot(session, payment.id, told, SOON) is Next.NOTHING
    session.flush()
    assert (payment.state, order.state, order.paid_at) == (PaymentState.CAPTURED, OrderState.CANCELLING, SOON)
    opened = cancellations_of(session, order.id)
    assert [(each.quantity, each.mandate_id) for each in opened] == [
        (line.quantity, line.offer.mandate_id) for line in order.lines
    ]
    assert jobs(session, "request_cancellation") == [{"cancellation_id": str(each.id)} for each in opened]
    assert entries(session, payment) == [("receipt", "CAPTURE-1", order.total_minor)]
    assert payloads(session, payment.id, "payment.entry") == [
        {"kind": "receipt", "external_id": "CAPTURE-1", "amount": "280.00 USD"}
    ]
    assert sum(line.offer.held for line in order.lines) == 25


@pytest.mark.parametrize("told", PayState)
def test_the_same_snapshot_twice_changes_nothing(session: Session, told: PayState):
    payment = make_payment(session)
    same = snapshot(payment, told)
    record_snapshot(session, payment.id, same, SOON)
    before = books(session)
    was = (payment.state, payment.order.state, payment.order.lines[0].offer.held, payment.changed_at)
    record_snapshot(session, payment.id, same, LATER)
    assert books(session) == before
    assert (payment.state, payment.order.state, payment.order.lines[0].offer.held, payment.changed_at) == was


def test_an_entry_is_kept_once_for_each_account_and_kind(session: Session):
    first, second = make_payment(session), make_payment(session)
    for payment in (first, second, first):
        # Two gateways' accounts number for themselves, and a refund may have its capture's number.
        told = snapshot(
            payment, PayState.CAPTURED, receipt(payment), refund(payment, external_id="CAPTURE-1")
        )
        record_snapshot(session, payment.id, told, SOON)
    for payment in (first, second):
        assert entries(session, payment) == [
            ("refund", "CAPTURE-1", payment.amount_minor),
            ("receipt", "CAPTURE-1", payment.amount_minor),
        ] or entries(session, payment) == [
            ("receipt", "CAPTURE-1", payment.amount_minor),
            ("refund", "CAPTURE-1", payment.amount_minor),
        ]


def test_an_older_truth_takes_no_money_back(session: Session):
    payment = make_payment(session)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    before = books(session)
    for older in (PayState.STARTED, PayState.AUTHORIZED, PayState.PENDING, PayState.FAILED, PayState.EXPIRED):
        record_snapshot(session, payment.id, snapshot(payment, older), LATER)
        assert (payment.state, payment.order.state) == (PaymentState.CAPTURED, OrderState.CANCELLING)
    assert books(session) == before


def test_two_receipts_are_audited_as_excess_once(session: Session):
    payment = make_payment(session)
    twice = snapshot(payment, PayState.CAPTURED, receipt(payment), receipt(payment, 2))
    for _ in range(2):
        record_snapshot(session, payment.id, twice, SOON)
        session.flush()
    assert payloads(session, payment.order_id, "payment.excess") == [{"net": 2 * payment.amount_minor}]
    assert payment.order.state == OrderState.CANCELLING
    assert len(cancellations_of(session, payment.order_id)) == 1


def test_a_second_attempt_that_pays_too_is_audited_as_excess(session: Session):
    order = make_order(session)
    first = make_payment(session, order, PaymentState.FAILED)
    second = make_payment(session, order)
    record_snapshot(session, second.id, snapshot(second, PayState.CAPTURED), SOON)
    record_snapshot(session, first.id, snapshot(first, PayState.CAPTURED, receipt(first, 2)), SOON)
    session.flush()
    assert first.state == PaymentState.CAPTURED
    assert payloads(session, order.id, "payment.excess") == [{"net": 2 * order.total_minor}]
    assert len(cancellations_of(session, order.id)) == 1


# Late money.


@pytest.mark.parametrize("give_up", [expire, withdraw], ids=["expired", "withdrawn"])
def test_captured_on_a_given_up_order_with_units_is_taken_up_again(session: Session, give_up):
    payment = make_payment(session)
    order = payment.order
    give_up(session, order)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), LATER)
    session.flush()
    assert (payment.state, order.state, order.paid_at) == (
        PaymentState.CAPTURED,
        OrderState.CANCELLING,
        LATER,
    )
    assert order.lines[0].offer.held == 25
    assert steps(session, order.id)[2:] == ["late_accept", "begin_cancel"]
    assert len(jobs(session, "request_cancellation")) == 1


@pytest.mark.parametrize("give_up", [expire, withdraw], ids=["expired", "withdrawn"])
def test_captured_on_a_given_up_order_without_units_is_given_back(session: Session, give_up):
    payment = make_payment(session)
    order = payment.order
    give_up(session, order)
    sell_the_rest(session, order)
    told = snapshot(payment, PayState.CAPTURED)
    for _ in range(2):
        record_snapshot(session, payment.id, told, LATER)
        session.flush()
    assert (order.state, order.state_reason, order.paid_at) == (OrderState.REFUND_DUE, "units_gone", None)
    (back,) = refunds_of(session, order.id)
    assert (back.cause, back.receipt_id, back.amount) == ("units_gone", "CAPTURE-1", order.total)
    assert jobs(session, "refund") == [{"refund_id": str(back.id)}]
    assert len(mails(session, "refund_due")) == 1
    assert cancellations_of(session, order.id) == []
    assert order.lines[0].offer.held == 100


def test_a_refund_ends_an_order_that_is_due_one(session: Session):
    payment = make_payment(session)
    order = payment.order
    expire(session, order)
    sell_the_rest(session, order)
    paid = snapshot(payment, PayState.CAPTURED)
    record_snapshot(session, payment.id, paid, LATER)
    half = replace(payment.amount, minor=payment.amount_minor // 2)
    record_snapshot(
        session, payment.id, replace(paid, entries=(*paid.entries, refund(payment, amount=half))), LATER
    )
    assert order.state == OrderState.REFUND_DUE
    assert mails(session, "refunded") == []
    back = (*paid.entries, refund(payment, amount=half), refund(payment, 2, amount=half))
    for _ in range(2):
        record_snapshot(session, payment.id, replace(paid, entries=back), LATER)
    assert order.state == OrderState.REFUNDED
    assert len(mails(session, "refunded")) == 1
    assert [kind for kind, _, _ in entries(session, payment)] == ["refund", "refund", "receipt"] or [
        kind for kind, _, _ in entries(session, payment)
    ] == ["receipt", "refund", "refund"]


def test_a_refund_of_a_finished_order_is_only_an_entry(session: Session):
    payment = make_payment(session)
    paid = snapshot(payment, PayState.CAPTURED)
    record_snapshot(session, payment.id, paid, SOON)
    payment.order.state = OrderState.COMPLETED
    session.flush()
    back = replace(paid, entries=(*paid.entries, refund(payment, kind="chargeback")))
    record_snapshot(session, payment.id, back, LATER)
    assert payment.order.state == OrderState.COMPLETED
    assert len(entries(session, payment)) == 2


# A checkout that the gateway does not find.


def test_a_fresh_checkout_may_be_unknown_for_half_a_minute(session: Session):
    payment = make_payment(session)
    forgotten = Snapshot(PayState.EXPIRED, reason="forgotten")
    record_snapshot(session, payment.id, forgotten, NOW + timedelta(seconds=29))
    assert payment.state == PaymentState.STARTED
    record_snapshot(session, payment.id, forgotten, NOW + timedelta(seconds=30))
    assert (payment.state, payment.reason) == (PaymentState.EXPIRED, "forgotten")


def test_an_approval_that_was_taken_back_ends_the_attempt_at_once(session: Session):
    payment = make_payment(session, state=PaymentState.AUTHORIZED)
    record_snapshot(session, payment.id, Snapshot(PayState.EXPIRED, reason="reversed"), NOW)
    assert (payment.state, payment.reason) == (PaymentState.EXPIRED, "reversed")
    assert payment.order.state == OrderState.AWAITING_PAYMENT


# Not the payment that was asked for.

WRONG = {
    "amount": {"amount": Money(1, "USD")},
    "no amount": {"amount": None},
    "currency": {"amount": Money(28000, "EUR")},
    "payee": {"payee": "SOMEBODYELSE1"},
    "no payee": {"payee": None},
    "reference": {"reference": "another payment"},
    "no reference": {"reference": None},
}
IN_WHAT = {name: name.removeprefix("no ").replace("currency", "amount") for name in WRONG}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_mismatch_is_raised_and_says_in_what(session: Session, wrong: str):
    payment = make_payment(session)
    with pytest.raises(PaymentMismatch) as raised:
        check_snapshot(payment, snapshot(payment, PayState.AUTHORIZED, **WRONG[wrong]))
    due = {
        "amount": "280.00 USD",
        "payee": payment.account.external_id,
        "reference": str(payment.id),
    }
    (found,) = WRONG[wrong].values()
    assert raised.value.fields == {IN_WHAT[wrong]: (due[IN_WHAT[wrong]], str(found))}


@pytest.mark.parametrize(
    "others", [[Money(27999, "USD")], [Money(28000, "EUR")], [Money(28000, "USD"), Money(1, "USD")]]
)
def test_another_amount_received_than_agreed_is_a_mismatch(session: Session, others: list[Money]):
    payment = make_payment(session)
    received = [receipt(payment, number, amount=amount) for number, amount in enumerate(others)]
    with pytest.raises(PaymentMismatch) as raised:
        check_snapshot(payment, snapshot(payment, PayState.CAPTURED, *received))
    assert raised.value.fields == {"received": ("280.00 USD", ", ".join(map(str, others)))}


def test_what_was_asked_for_is_no_mismatch(session: Session):
    payment = make_payment(session)
    check_snapshot(
        payment,
        snapshot(payment, PayState.CAPTURED, receipt(payment), refund(payment, amount=Money(1, "USD"))),
    )
    with pytest.raises(PaymentMismatch):
        check_snapshot(payment, Snapshot(PayState.AUTHORIZED))


@pytest.mark.parametrize("told", [PayState.AUTHORIZED, PayState.PENDING, PayState.CAPTURED])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_mismatch_is_recorded_and_shown_to_a_person(session: Session, wrong: str, told: PayState):
    payment = make_payment(session)
    order = payment.order
    told_wrong = snapshot(payment, told, **WRONG[wrong])
    assert record_snapshot(session, payment.id, told_wrong, SOON) is Next.ALARM
    session.flush()
    taken = told is PayState.CAPTURED
    assert payment.state == (PaymentState.CAPTURED if taken else PaymentState.FAILED)
    assert payment.reason == "mismatch"
    assert (order.state, order.state_reason) == (OrderState.NEEDS_ATTENTION, "payment_mismatch")
    assert order.lines[0].offer.held == 0
    assert cancellations_of(session, order.id) == []
    assert jobs(session, "request_cancellation") == []
    assert len(mails(session, "needs_attention")) == 1
    (row,) = payloads(session, payment.id, "payment.mismatch")
    assert list(row["found"]) == [IN_WHAT[wrong]]
    assert len(entries(session, payment)) == (1 if taken else 0), "money that moved is in the ledger"
    before = books(session)
    assert record_snapshot(session, payment.id, told_wrong, LATER) is Next.NOTHING, "one alarm is enough"
    assert books(session) == before


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_wrong_money_on_a_closed_attempt_is_seen_too(session: Session, state: PaymentState):
    payment = make_payment(session)
    expire(session, payment.order)
    payment.state = state
    session.flush()
    partly = snapshot(payment, PayState.CAPTURED, receipt(payment, amount=Money(100, "USD")))
    record_snapshot(session, payment.id, partly, LATER)
    assert (payment.state, payment.reason) == (PaymentState.CAPTURED, "mismatch")
    assert payment.order.state == OrderState.NEEDS_ATTENTION
    assert entries(session, payment) == [("receipt", "CAPTURE-1", 100)]
    assert len(payloads(session, payment.id, "payment.mismatch")) == 1


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_a_wrong_approval_of_a_closed_attempt_is_left_to_lapse(session: Session, state: PaymentState):
    payment = make_payment(session)
    expire(session, payment.order)
    payment.state = state
    before = books(session)
    wrong = snapshot(payment, PayState.AUTHORIZED, payee="SOMEBODYELSE1")
    assert record_snapshot(session, payment.id, wrong, LATER) is Next.NOTHING
    assert (payment.state, payment.order.state) == (state, OrderState.EXPIRED)
    assert books(session) == before


def test_a_second_receipt_of_another_amount_is_not_lost(session: Session):
    payment = make_payment(session)
    paid = snapshot(payment, PayState.CAPTURED)
    record_snapshot(session, payment.id, paid, SOON)
    more = replace(paid, entries=(*paid.entries, receipt(payment, 2, amount=Money(100, "USD"))))
    for _ in range(2):
        record_snapshot(session, payment.id, more, LATER)
    assert [amount for _, _, amount in entries(session, payment)] == [28000, 100]
    assert len(payloads(session, payment.id, "payment.mismatch")) == 1
    assert (payment.state, payment.order.state) == (PaymentState.CAPTURED, OrderState.NEEDS_ATTENTION)
    # The registry may have cancelled already.
    assert payment.order.lines[0].offer.held == 25


def test_nobody_else_is_moved_by_a_mismatch(session: Session):
    payment, other = make_payment(session), make_payment(session)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED, payee="SOMEBODYELSE1"), SOON)
    assert (other.state, other.order.state) == (PaymentState.STARTED, OrderState.AWAITING_PAYMENT)
    events = session.execute(select(AuditEvent.event).where(AuditEvent.order_id == other.order_id)).scalars()
    assert set(events) == {"order.step"}


def test_a_payment_that_waits_for_its_payee_is_told_to_them_once(session: Session):
    payment = make_payment(session)
    record_snapshot(session, payment.id, snapshot(payment, PayState.PENDING, reason="review"), SOON)
    session.flush()
    assert mails(session, "payment_waits_for_payee") == []
    for _ in range(2):  # it waits for something else now
        record_snapshot(session, payment.id, snapshot(payment, PayState.PENDING, reason="payee_action"), SOON)
    session.flush()
    assert (payment.state, payment.reason) == (PaymentState.PENDING, "payee_action")
    (mail,) = mails(session, "payment_waits_for_payee")
    assert (mail.to, mail.order_id) == (payment.order.provider.contact_email, payment.order_id)
