"""On to the payment service: a hop where a payment is open, a button where none is, words where it does not work."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import Payment
from app.integrations.errors import NeighbourError, OutcomeUnknown, TryAgain
from app.integrations.gateways.interface import Attempt, Declined, NextStep, PayeeAccount, PayeeProblem
from tests.journey import PROVIDER, Journey
from tests.web.pages import Client, Page


def pay_page(client: Client, order: Order, **options: object) -> Page:
    return client.get(f"/en/orders/{order.token}/pay", **options)


def press_pay(client: Client, order: Order) -> Page:
    return pay_page(client, order).form(f"/en/orders/{order.token}/pay").submit()


def payments(journey: Journey, order: Order) -> list[Payment]:
    with journey.sessions() as session:
        return list(session.query(Payment).filter_by(order_id=order.id).order_by(Payment.created_at))


def test_an_open_payment_is_a_hop_to_the_service(client: Client, journey: Journey):
    order = journey.place(20, 5)
    payment = journey.start(order)
    page = pay_page(client, order)
    assert page.response.headers["Refresh"] == f"0; url={payment.redirect_url}"
    assert page.h1 == "Taking you to PayPal"
    assert page.link("Go to PayPal") == payment.redirect_url
    assert page.one("main a[href^='https:']")["rel"] == ["noreferrer"]
    assert f"You pay {PROVIDER} directly." in page.text
    assert "US$280.00" in page.text
    assert f"PayPal and the name of {PROVIDER}" in page.text


def test_without_one_a_button_opens_it(client: Client, journey: Journey):
    order = journey.place(20)
    page = pay_page(client, order)
    assert "Refresh" not in page.response.headers
    assert page.h1 == f"Pay {PROVIDER}"
    hop = press_pay(client, order)
    assert hop.h1 == "Taking you to PayPal"
    [payment] = payments(journey, order)
    assert hop.response.headers["Refresh"] == f"0; url={payment.redirect_url}"


def test_pressing_twice_is_one_payment(client: Client, journey: Journey):
    order = journey.place(20)
    form = pay_page(client, order).form(f"/en/orders/{order.token}/pay")
    form.submit()
    form.submit()
    assert len(payments(journey, order)) == 1
    assert len(journey.gateway.checkouts) == 1


def test_another_site_cannot_start_a_payment(client: Client, journey: Journey):
    order = journey.place(20)
    client.post(f"/en/orders/{order.token}/pay", status=400)
    assert payments(journey, order) == []


def test_no_transaction_is_open_while_the_service_is_waited_for(
    client: Client, journey: Journey, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    order = journey.place(20)
    form = pay_page(client, order).form(f"/en/orders/{order.token}/pay")
    start, seen = journey.gateway.start, []

    def watched(attempt: Attempt, account: PayeeAccount, key: str) -> NextStep:
        seen.append(engine.pool.checkedout())
        return start(attempt, account, key)

    monkeypatch.setattr(journey.gateway, "start", watched)
    form.submit()
    assert seen == [0]


@pytest.mark.parametrize(
    "error,acted,said",
    [
        (TryAgain("away"), False, "PayPal cannot be reached at the moment. Nothing was charged"),
        (OutcomeUnknown("timeout"), True, "it will be the same payment, not a second one"),
    ],
)
def test_a_service_that_is_away_loses_nothing(
    client: Client, journey: Journey, error: NeighbourError, acted: bool, said: str
):
    order = journey.place(20)
    journey.gateway.fail_next("start", error, acted=acted)
    page = press_pay(client, order)
    assert said in page.text
    assert journey.fresh(order).state == OrderState.AWAITING_PAYMENT
    again = press_pay(client, order)
    assert again.h1 == "Taking you to PayPal"
    assert len(payments(journey, order)) == 1
    assert len(journey.gateway.checkouts) == 1


def test_a_declined_payment_says_why_and_can_be_tried_again(client: Client, journey: Journey):
    order = journey.place(20)
    journey.approve(order)
    journey.gateway.fail_next("capture", Declined("declined"))
    journey.look(order)
    page = pay_page(client, order)
    assert "The payment was declined. Another card or account may work. You were not charged." in page.text
    assert press_pay(client, order).h1 == "Taking you to PayPal"
    assert [payment.state for payment in payments(journey, order)] == ["failed", "started"]


def test_a_seller_who_cannot_be_paid_is_no_fault_of_the_buyers(client: Client, journey: Journey):
    order = journey.place(20)
    journey.gateway.fail_next("start", PayeeProblem("account_restricted"))
    page = press_pay(client, order)
    assert f"{PROVIDER} cannot be paid by PayPal at present" in page.text
    assert "You were not charged." in page.text
    assert "account_restricted" not in page.text
    again = press_pay(client, order)
    assert f"{PROVIDER} cannot be paid by PayPal at present" in again.text
    assert len(journey.gateway.calls) == 1, "an account that is out is not asked again"


@pytest.mark.parametrize("outcome", ["approve", "pending"])
def test_who_has_paid_is_not_sent_to_pay_again(client: Client, journey: Journey, outcome: str):
    order = journey.place(20)
    journey.pay(order, outcome)
    answer = pay_page(client, order, follow=False, status=303)
    assert answer.location == f"/en/orders/{order.token}"


def test_after_the_hold_there_is_nothing_to_pay(client: Client, journey: Journey):
    order = journey.place(20)
    form = pay_page(client, order).form(f"/en/orders/{order.token}/pay")
    journey.age(order.id, hold_until=datetime.now(UTC) - timedelta(seconds=1))
    assert form.submit().h1 == "The time to pay is over"
    assert pay_page(client, order).h1 == "The time to pay is over"
    assert payments(journey, order) == []
