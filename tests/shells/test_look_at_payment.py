"""Authorise, make sure of the registry, capture: nobody is charged for units that cannot be cancelled."""

from datetime import timedelta

import pytest

from app.domain.catalogue.models import Mandate
from app.domain.orders.models import Order, OrderState
from app.domain.orders.withdraw_order import withdraw_order
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.queries import latest_payment_of, locked_order
from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.gateways.interface import PayState
from app.shells.look_at_payment import look_at_payment
from tests.journey import Journey


def payment_of(journey: Journey, order: Order) -> Payment:
    with journey.sessions() as session:
        payment = latest_payment_of(session, order.id)
        assert payment is not None
        return payment


def captures(journey: Journey) -> list[str]:
    return [key for operation, _, key in journey.gateway.calls if operation == "capture"]


@pytest.fixture
def approved(journey: Journey) -> Order:
    """The buyer has agreed at the gateway; nobody has looked yet."""
    order = journey.place(20)
    journey.approve(order)
    return order


def test_a_checkout_that_is_not_found_yet_is_looked_for_again(journey: Journey):
    payment = journey.start(journey.place(20))
    journey.gateway.forget(payment.external_id or "")
    with pytest.raises(TryAgain) as again:
        look_at_payment(journey.works, payment.id)
    assert again.value.code == "not_found_yet"
    journey.passed += timedelta(seconds=31)
    look_at_payment(journey.works, payment.id)
    with journey.sessions() as session:
        assert session.get_one(Payment, payment.id).state == PaymentState.EXPIRED


def test_the_registry_is_asked_before_the_money_is_taken(journey: Journey, approved: Order):
    journey.registry.calls.clear()
    journey.look(approved)
    assert journey.registry.calls == ["mandate"]
    assert journey.fresh(approved).state == OrderState.CANCELLING
    journey.look(approved)
    assert captures(journey) == [f"{payment_of(journey, approved).id}:capture"]


def test_what_the_registry_said_is_kept(journey: Journey, approved: Order):
    mandate_id = journey.mandate_of(approved)
    journey.registry.change_mandate(mandate_id, status="suspended")
    journey.look(approved)
    with journey.sessions() as session:
        assert session.get_one(Mandate, mandate_id).status == "suspended"
    assert (journey.fresh(approved).state, captures(journey)) == (OrderState.WITHDRAWN, [])


def test_a_mandate_that_is_not_there_any_more_charges_nobody(journey: Journey, approved: Order):
    journey.registry._grants.clear()
    journey.look(approved)
    order = journey.fresh(approved)
    assert (order.state, order.state_reason, captures(journey)) == (OrderState.WITHDRAWN, "not_found", [])


def test_who_was_told_that_nothing_is_charged_is_not_charged_when_the_registry_is_back(
    journey: Journey, approved: Order
):
    journey.registry.fail_next("mandate", TryAgain("away"), times=2)
    with pytest.raises(TryAgain):
        journey.look(approved)
    assert journey.fresh(approved).state == OrderState.AWAITING_PAYMENT
    journey.passed += timedelta(hours=2, minutes=1)
    journey.look(approved)
    order = journey.fresh(approved)
    assert (order.state, order.state_reason) == (OrderState.WITHDRAWN, "registry_away")
    assert len(journey.mails("not_charged")) == 1
    # The approval still stands at the gateway, and the registry would cancel the units now.
    journey.look(approved)
    assert captures(journey) == []
    assert journey.fresh(approved).state == OrderState.WITHDRAWN
    assert next(iter(journey.gateway.checkouts.values())).state is PayState.AUTHORIZED


def test_a_buyer_who_has_withdrawn_is_not_charged(journey: Journey, approved: Order):
    with journey.sessions.begin() as session:
        withdraw_order(session, locked_order(session, approved.id), "buyer", journey.now, actor="buyer")
    journey.look(approved)
    assert (journey.fresh(approved).state, captures(journey)) == (OrderState.WITHDRAWN, [])


@pytest.mark.parametrize("acted", [True, False])
def test_a_capture_that_nobody_knows_of_is_asked_for_with_the_same_key(
    journey: Journey, approved: Order, acted: bool
):
    journey.gateway.fail_next("capture", OutcomeUnknown("timeout"), acted=acted)
    with pytest.raises(OutcomeUnknown):
        journey.look(approved)
    assert payment_of(journey, approved).capture_asked_at is not None
    journey.look(approved)
    assert journey.fresh(approved).state == OrderState.CANCELLING
    assert len(set(captures(journey))) == 1
    assert len(captures(journey)) == (1 if acted else 2)


def test_an_attempt_without_a_checkout_is_not_asked_about(journey: Journey):
    order = journey.place(20)
    journey.gateway.fail_next("start", OutcomeUnknown("timeout"))
    with pytest.raises(OutcomeUnknown):
        journey.start(order)
    journey.gateway.calls.clear()
    look_at_payment(journey.works, payment_of(journey, order).id)
    assert journey.gateway.calls == []


def test_a_capture_that_was_refused_leaves_the_order_waiting(journey: Journey):
    order = journey.place(20)
    journey.pay(order, "decline")
    payment = payment_of(journey, order)
    assert (payment.state, payment.reason) == (PaymentState.FAILED, "declined")
    assert journey.fresh(order).state == OrderState.AWAITING_PAYMENT
    (mail,) = journey.mails("payment_failed")
    assert mail.context == {"payment_id": str(payment.id)}
