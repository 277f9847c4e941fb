"""How an order ends without being paid: its time is over, its buyer gives up, or no rule can decide."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.domain.orders.expire_order import expire_order
from app.domain.orders.flag_order import flag_order
from app.domain.orders.models import Order, OrderState
from app.domain.orders.withdraw_order import withdraw_order
from app.domain.payments.models import PaymentState
from app.domain.states import IllegalStep
from tests.domain.payments.attempts import SOON, TOO_LATE, make_payment
from tests.factories import NOW, make_offer, make_order, make_orders, make_provider
from tests.traces import books, forget_jobs, jobs, mails, steps, timed_jobs, trail

OTHERS = sorted(set(OrderState) - {OrderState.AWAITING_PAYMENT})


def held(session: Session, order: Order) -> int:
    session.flush()
    return sum(line.offer.held for line in order.lines)


# Expire.


def test_an_unpaid_order_expires_when_its_hold_is_over(session: Session):
    provider = make_provider(session)
    (order,) = make_orders(
        session, {make_offer(session, provider=provider): 20, make_offer(session, provider=provider): 5}
    ).orders
    assert held(session, order) == 25
    assert expire_order(session, order.id, order.hold_until) is True
    assert (order.state, held(session, order)) == (OrderState.EXPIRED, 0)
    assert len(mails(session, "order_expired")) == 1
    before = books(session)
    assert expire_order(session, order.id, TOO_LATE) is True
    assert books(session) == before


def test_before_that_it_is_asked_again_at_the_end_of_the_hold(session: Session):
    order = make_order(session)
    forget_jobs(session)
    assert expire_order(session, order.id, order.hold_until - timedelta(seconds=1)) is False
    assert (order.state, held(session, order)) == (OrderState.AWAITING_PAYMENT, 25)
    assert timed_jobs(session, "expire_order") == [({"order_id": str(order.id)}, order.hold_until)]


@pytest.mark.parametrize("state", OTHERS)
def test_what_does_not_wait_does_not_expire(session: Session, state: OrderState):
    order = make_order(session)
    order.state = state
    before = books(session)
    assert expire_order(session, order.id, TOO_LATE) is (state == OrderState.EXPIRED)
    assert (order.state, held(session, order)) == (state, 25)
    assert books(session) == before


@pytest.mark.parametrize(
    ("state", "wait"), [("authorized", timedelta(minutes=5)), ("pending", timedelta(hours=1))]
)
def test_an_order_whose_money_is_under_way_keeps_its_units(session: Session, state: str, wait: timedelta):
    payment = make_payment(session, state=PaymentState(state))
    order = payment.order
    forget_jobs(session)
    assert expire_order(session, order.id, TOO_LATE) is False
    assert (order.state, held(session, order)) == (OrderState.AWAITING_PAYMENT, 25)
    assert timed_jobs(session, "expire_order") == [({"order_id": str(order.id)}, TOO_LATE + wait)]
    assert mails(session, "order_expired") == []


def test_money_that_is_held_back_for_two_weeks_keeps_no_units(session: Session):
    payment = make_payment(session, state=PaymentState.PENDING)
    order = payment.order
    two_weeks = payment.changed_at + timedelta(days=14)
    assert expire_order(session, order.id, two_weeks - timedelta(seconds=1)) is False
    assert expire_order(session, order.id, two_weeks) is True
    assert (order.state, held(session, order)) == (OrderState.EXPIRED, 0)
    assert (payment.state, payment.reason) == (PaymentState.EXPIRED, "hold_over")


@pytest.mark.parametrize("state", ["created", "started"])
def test_a_checkout_that_nobody_approved_is_over_with_its_order(session: Session, state: str):
    payment = make_payment(session, state=PaymentState(state))
    assert expire_order(session, payment.order_id, TOO_LATE) is True
    assert (payment.state, payment.reason) == (PaymentState.EXPIRED, "hold_over")


# Withdraw.


def test_a_buyer_withdraws(session: Session):
    payment = make_payment(session)
    order = payment.order
    withdraw_order(session, order, "buyer", SOON, actor="buyer")
    assert (order.state, order.state_reason, held(session, order)) == (OrderState.WITHDRAWN, "buyer", 0)
    assert (payment.state, payment.reason) == (PaymentState.ABANDONED, "buyer")
    assert trail(session, order.id)[-1].actor == "buyer"


def test_an_order_without_an_attempt_can_be_withdrawn(session: Session):
    order = make_order(session)
    withdraw_order(session, order, "buyer", SOON)
    assert (order.state, held(session, order)) == (OrderState.WITHDRAWN, 0)


@pytest.mark.parametrize(
    "payment",
    [
        {"state": PaymentState.PENDING},
        {"state": PaymentState.AUTHORIZED, "capture_asked_at": NOW},
        {"state": PaymentState.STARTED, "capture_asked_at": NOW},
    ],
    ids=str,
)
def test_money_that_may_yet_come_cannot_be_withdrawn_from(session: Session, payment):
    order = make_payment(session, **payment).order
    before = books(session)
    with pytest.raises(IllegalStep):
        withdraw_order(session, order, "buyer", SOON)
    assert (order.state, held(session, order)) == (OrderState.AWAITING_PAYMENT, 25)
    assert books(session) == before


@pytest.mark.parametrize("state", OTHERS)
def test_what_does_not_wait_is_not_withdrawn(session: Session, state: OrderState):
    order = make_order(session)
    order.state = state
    before = books(session)
    with pytest.raises(IllegalStep):
        withdraw_order(session, order, "buyer", SOON)
    assert (order.state, held(session, order)) == (state, 25)
    assert books(session) == before


# Flag.


@pytest.mark.parametrize("state", sorted(OrderState))
def test_a_flagged_order_is_shown_to_a_person_and_its_buyer_is_told(session: Session, state: OrderState):
    order = make_order(session)
    order.state = state
    session.flush()
    for _ in range(2):
        flag_order(session, order, "payment_mismatch", SOON)
    final = state == OrderState.COMPLETED
    assert order.state == (state if final else OrderState.NEEDS_ATTENTION)
    told = not final and state != OrderState.NEEDS_ATTENTION
    assert len(mails(session, "needs_attention")) == told
    assert steps(session, order.id)[1:] == (["flag"] if told else [])
    # From `cancelling` on the registry may have cancelled already; what was given up holds nothing.
    freed = state in {OrderState.AWAITING_PAYMENT, OrderState.PAID}
    assert held(session, order) == (0 if freed else 25)
    assert jobs(session, "refund") == []
