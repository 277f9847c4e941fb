"""The gateway has another amount than the order's, or pays somebody else: no unit is cancelled, a person is called."""

import pytest
from structlog.testing import capture_logs

from app.domain.cancellations.queries import cancellations_of
from app.domain.orders.models import Order, OrderState
from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.models import Payment, PaymentState, ProviderPayeeAccount
from app.domain.payments.open_payment import open_payment
from app.domain.payments.record_checkout import record_checkout
from app.domain.statistics.overview import platform_overview
from app.integrations.gateways.interface import NextStep
from app.integrations.gateways.paypal.orders import approval_link, order_request
from app.money import Money
from tests.failure_modes.bench import Bench


def assert_a_person_is_called(bench: Bench, order: Order, payment: Payment) -> None:
    with capture_logs() as logs:
        bench.settle(payment)
    alarms = [each for each in logs if each["log_level"] == "error"]
    assert [each["event"] for each in alarms] == ["payment is not what was asked for"]
    flagged = bench.order(order)
    assert (flagged.state, flagged.state_reason) == (OrderState.NEEDS_ATTENTION, "payment_mismatch")
    assert "payment.mismatch" in bench.trail(payment.id)
    with bench.session() as session:
        assert cancellations_of(session, order.id) == []
        assert platform_overview(session, bench.clock).attention == 1


@pytest.mark.parametrize(("method", "more"), [("paypal", -1), ("stripe", 1)])
def test_failure_mode_10_another_amount_is_not_captured(bench: Bench, method: str, more: int) -> None:
    order = bench.place(method)
    payment = bench.start_another(order, amount=Money(order.total_minor + more, order.currency))
    bench.town.approve(payment, "no_webhook")
    assert_a_person_is_called(bench, order, payment)
    assert (bench.money(order), bench.town.captures(payment.id)) == ([], [])


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_10_another_amount_that_was_taken_cancels_nothing(bench: Bench, method: str) -> None:
    order = bench.place(method)
    payment = bench.start_another(order, amount=Money(100, order.currency))
    bench.town.approve(payment, "no_webhook")
    with bench.session() as session:  # somebody has captured it, not us
        kept = session.merge(payment)
        attempt = attempt_of(kept, bench.works.settings.public_url)
        account = account_of(kept.account, bench.works.sealer)
    bench.works.neighbours.gateways[method].capture(attempt, account, key=f"{payment.id}:theirs")
    assert_a_person_is_called(bench, order, payment)
    assert bench.money(order) == [("receipt", 100)], "what has moved is written down"
    assert bench.payment(payment).state == PaymentState.CAPTURED


def test_failure_mode_10_paypal_would_pay_somebody_else(bench: Bench) -> None:
    order = bench.place("paypal")
    gateway = bench.works.neighbours.gateways["paypal"]
    with bench.works.sessions.begin() as session:
        payment = open_payment(session, order.id, bench.clock)
        session.flush()
        others = session.query(ProviderPayeeAccount).filter_by(gateway="paypal")
        other = others.filter(ProviderPayeeAccount.id != payment.account_id).first()
        elsewhere = {"merchant_id": other.external_id}
        body = order_request(attempt_of(payment, bench.works.settings.public_url), elsewhere)
        made = gateway._client.call(
            account_of(payment.account, bench.works.sealer),
            "POST",
            "/v2/checkout/orders",
            body=body,
            key=f"{payment.id}:create",
        )
        step = NextStep(made["id"], approval_link(made))
        payment = record_checkout(session, payment.id, step, bench.clock)
    bench.town.approve(payment, "no_webhook")
    assert_a_person_is_called(bench, order, payment)
    assert (bench.money(order), bench.town.captures(payment.id)) == ([], [])


def test_failure_mode_10_the_key_at_stripe_is_somebody_elses(bench: Bench) -> None:
    order, payment = bench.buy("stripe")
    with bench.works.sessions.begin() as session:
        session.get_one(ProviderPayeeAccount, payment.account_id).external_id = "acct_1TheRightOne00"
    assert_a_person_is_called(bench, order, payment)
    assert (bench.money(order), bench.town.captures(payment.id)) == ([], [])
