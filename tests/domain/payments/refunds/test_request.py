"""What goes back, of which receipt, and why: never more than came, never the same twice."""

import pytest
from sqlalchemy.orm import Session

from app.domain.orders.models import OrderState
from app.domain.payments.refund_models import RefundState
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.refunds.queries import refunds_outside
from app.domain.payments.refunds.request_refunds import request_refunds
from app.domain.payments.refunds.request_surplus import request_surplus
from app.domain.payments.refunds.settle_refunds import settle_refunds
from app.money import Money
from tests.domain.payments.attempts import make_payment, receipt
from tests.domain.payments.refunds.books import (
    LATER,
    by_hand,
    due_back,
    given_back,
    ledger,
    only_refund,
    paid,
    sent,
    tell,
)
from tests.traces import books, jobs, mails, steps


def amounts(session: Session, order) -> list[tuple[str, str, int, str]]:
    return [
        (each.cause, each.receipt_id, each.amount_minor, each.state.value)
        for each in refunds_of(session, order.id)
    ]


def test_everything_goes_back_once(session: Session):
    order = due_back(session)
    assert amounts(session, order) == [("units_gone", "CAPTURE-1", 28000, "requested")]
    before = books(session)
    for cause in ("units_gone", "part_paid"):
        assert request_refunds(session, order, cause, LATER) == []
    assert books(session) == before
    assert steps(session, only_refund(session, order).id) == ["request"]


@pytest.mark.parametrize("state", sorted(set(OrderState) - {OrderState.REFUND_DUE}))
def test_nothing_for_an_order_that_is_due_none(session: Session, state: OrderState):
    payment = paid(session)
    payment.order.state = state
    assert request_refunds(session, payment.order, "units_gone", LATER) == []


def test_several_receipts_are_a_row_each_and_what_left_before_is_not_sent_again(session: Session):
    payment = make_payment(session)
    parts = [receipt(payment, number, amount=Money(3000, "USD")) for number in (1, 2)]
    tell(session, payment, *parts, given_back(payment, 500))
    order = payment.order
    order.state = OrderState.REFUND_DUE
    request_refunds(session, order, "part_paid", LATER)
    assert sorted(each[2] for each in amounts(session, order)) == [2500, 3000]
    assert sum(each[2] for each in amounts(session, order)) == 5500


def test_failure_mode_13_the_oldest_receipt_is_kept_and_the_surplus_goes_back(session: Session):
    payment = paid(session)
    second = receipt(payment, 2, at=LATER)
    for _ in range(2):
        tell(session, payment, receipt(payment), second, now=LATER)
    order = payment.order
    assert order.state == OrderState.CANCELLING
    assert amounts(session, order) == [("surplus", "CAPTURE-2", 28000, "requested")]
    assert len(mails(session, "refund_surplus")) == 1
    assert len(jobs(session, "refund")) == 1


@pytest.mark.parametrize(
    "state", [OrderState.PAID, OrderState.CANCELLING, OrderState.COMPLETED, OrderState.FULFILMENT_FAILED]
)
def test_a_surplus_is_only_the_difference(session: Session, state: OrderState):
    payment = paid(session)
    payment.order.state = state
    tell(session, payment, receipt(payment), receipt(payment, 2, amount=Money(700, "USD"), at=LATER))
    assert amounts(session, payment.order) == [("surplus", "CAPTURE-2", 700, "requested")]


def test_more_than_the_newest_receipt_is_taken_of_the_one_before(session: Session):
    payment = make_payment(session)
    tell(
        session,
        payment,
        receipt(payment, 1, amount=Money(30000, "USD")),
        receipt(payment, 2, amount=Money(700, "USD"), at=LATER),
    )
    assert sorted(amounts(session, payment.order)) == [
        ("surplus", "CAPTURE-1", 2000, "requested"),
        ("surplus", "CAPTURE-2", 700, "requested"),
    ]


def test_a_surplus_and_then_the_rest_are_together_what_came(session: Session):
    payment = paid(session)
    tell(session, payment, receipt(payment), receipt(payment, 2, amount=Money(700, "USD"), at=LATER))
    payment.order.state = OrderState.REFUND_DUE
    request_refunds(session, payment.order, "refused", LATER)
    assert sorted(amounts(session, payment.order)) == [
        ("refused", "CAPTURE-1", 28000, "requested"),
        ("surplus", "CAPTURE-2", 700, "requested"),
    ]


def test_a_paid_order_has_no_surplus(session: Session):
    payment = paid(session)
    request_surplus(session, payment.order, LATER)
    assert amounts(session, payment.order) == []


def test_money_that_leaves_by_another_way_makes_the_refund_smaller(session: Session):
    order = due_back(session)
    refund = only_refund(session, order)
    tell(session, refund.payment, receipt(refund.payment), given_back(refund.payment, 8000))
    assert (refund.amount_minor, refund.state) == (20000, RefundState.REQUESTED)
    assert [each.external_id for each in refunds_outside(session, order.id)] == ["REFUND-1"]


def test_all_of_it_gone_by_another_way_withdraws_it(session: Session):
    order = due_back(session)
    payment = only_refund(session, order).payment
    disputed = given_back(payment, 28000, kind="chargeback")
    tell(session, payment, receipt(payment), disputed)
    assert amounts(session, order) == [("units_gone", "CAPTURE-1", 28000, "withdrawn")]
    assert order.state == OrderState.REFUNDED
    tell(session, payment, receipt(payment), disputed, given_back(payment, 28000, kind="chargeback_won"))
    assert (order.state, order.state_reason) == (OrderState.REFUND_DUE, "paid_again")
    assert [each[2:] for each in amounts(session, order) if each[3] == "requested"] == [(28000, "requested")]


def test_a_refund_that_fits_closes_the_one_that_is_open(session: Session):
    order = due_back(session)
    payment = only_refund(session, order).payment
    for _ in range(2):
        tell(session, payment, receipt(payment), given_back(payment, 28000))
    refund = only_refund(session, order)
    assert (refund.state, refund.external_id, order.state) == (
        RefundState.DONE,
        "REFUND-1",
        OrderState.REFUNDED,
    )
    assert refunds_outside(session, order.id) == []


def test_failure_mode_22_a_refund_that_nobody_asked_for_is_an_entry_without_a_row(session: Session):
    payment = paid(session)
    payment.order.state = OrderState.COMPLETED
    tell(session, payment, receipt(payment), given_back(payment, 28000))
    assert amounts(session, payment.order) == []
    assert payment.order.state == OrderState.COMPLETED
    assert [each.amount_minor for each in refunds_outside(session, payment.order_id)] == [28000]


def test_a_refund_that_came_back_is_the_providers_task(session: Session):
    order = due_back(session)
    payment = only_refund(session, order).payment
    back = given_back(payment, 28000)
    tell(session, payment, receipt(payment), back)
    tell(session, payment, receipt(payment), back, given_back(payment, 28000, kind="refund_failed"))
    refund = only_refund(session, order)
    assert (refund.state, refund.problem, refund.external_id) == (RefundState.BY_HAND, "refund_failed", None)
    assert (order.state, order.state_reason) == (OrderState.REFUND_DUE, "refund_failed")
    assert steps(session, refund.id) == ["request", "finish", "fail", "hand_over"]


def test_money_in_another_currency_goes_back_as_well(session: Session):
    payment = make_payment(session)
    tell(session, payment, receipt(payment, amount=Money(2600, "EUR")))
    payment.order.state = OrderState.REFUND_DUE
    settle_refunds(session, payment.order, LATER)
    assert [(each.amount, each.state) for each in refunds_of(session, payment.order_id)] == [
        (Money(2600, "EUR"), RefundState.REQUESTED)
    ]
    assert payment.order.state == OrderState.REFUND_DUE


def test_a_larger_transfer_back_closes_the_only_refund_by_hand(session: Session):
    refund = sent(session, by_hand(session))
    tell(session, refund.payment, receipt(refund.payment), given_back(refund.payment, 28100), now=LATER)
    assert (refund.state, refund.order.state) == (RefundState.DONE, OrderState.REFUNDED)
    assert ("refund", "REFUND-1", 28100) in ledger(session, refund.order)
