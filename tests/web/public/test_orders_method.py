"""Another way to pay: one click where nothing is at stake, a box to tick where both payments may be taken."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database import make_sessions
from app.domain.orders.models import Consent, Order, OrderState
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.queries import latest_payment_of
from app.integrations.errors import TryAgain
from app.integrations.gateways.interface import PayState
from tests.bank import make_bank_account
from tests.domain.payments.bank.accounts import AMERICAN
from tests.journey import PROVIDER, Journey
from tests.web.pages import Client, Page

BOX = "both_may_be_taken"


@pytest.fixture
def order(journey: Journey) -> Order:
    """25 t for 280.00 USD by PayPal, of somebody who has a bank account, too."""
    placed = journey.place(20, 5)
    with journey.sessions.begin() as session:
        seller = session.get_one(Order, placed.id).provider
        make_bank_account(session, seller, {**AMERICAN, "iban": "", "holder": PROVIDER})
    return placed


def open_order(client: Client, order: Order, query: str = "") -> Page:
    return client.get(f"/en/orders/{order.token}{query}")


def payments(engine: Engine, order: Order) -> list[Payment]:
    with make_sessions(engine)() as session:
        found = session.query(Payment).filter_by(order_id=order.id).order_by(Payment.created_at)
        return list(found)


def change(page: Page, order: Order, **values: str) -> Page:
    return page.form(f"/en/orders/{order.token}/method").submit(**values)


def test_one_click_leads_from_paypal_to_the_instructions(
    client: Client, journey: Journey, order: Order, engine: Engine
):
    first = journey.start(order)
    page = open_order(client, order)
    assert "The price and your units stay the same." in page.text
    shown = change(page, order)
    assert shown.h1 == f"Transfer US$280.00 to {PROVIDER}"
    assert [(each.gateway, each.state) for each in payments(engine, order)] == [
        ("paypal", PaymentState.ABANDONED),
        ("bank", PaymentState.STARTED),
    ]
    assert journey.fresh(order).hold_until > datetime.now(UTC) + timedelta(days=9)
    assert ("fetch", str(first.id), "") in journey.gateway.calls, "asked before it was given up"


def test_and_back_from_the_instructions_to_paypal(
    client: Client, journey: Journey, order: Order, engine: Engine
):
    change(open_order(client, order), order)
    hop = change(client.get(f"/en/orders/{order.token}/pay"), order)
    assert hop.h1 == "Taking you to PayPal"
    assert [each.state for each in payments(engine, order)] == [
        PaymentState.ABANDONED,
        PaymentState.STARTED,
    ]


def test_where_there_is_no_other_way_none_is_offered(client: Client, journey: Journey):
    order = journey.place(20)
    page = open_order(client, order)
    assert page.forms(f"/en/orders/{order.token}/method") == []
    assert "Other ways to pay" not in page.text


def test_who_has_paid_at_the_gateway_a_moment_ago_pays_no_second_time(
    client: Client, journey: Journey, order: Order, engine: Engine
):
    page = open_order(client, order)
    payment = journey.start(order)
    journey.gateway.approve(payment.external_id or "")
    shown = change(page, order)
    assert shown.h1 == "Your units are being cancelled"
    assert "This order waits for no payment any more." in shown.text
    assert [each.state for each in payments(engine, order)] == [PaymentState.CAPTURED]


def test_a_gateway_that_is_away_stops_nobody(client: Client, journey: Journey, order: Order, engine: Engine):
    journey.start(order)
    page = open_order(client, order)
    journey.gateway.fail_next("fetch", TryAgain("connect_timeout"))
    assert change(page, order).h1.startswith("Transfer")


def hold_back(journey: Journey, order: Order) -> Payment:
    """PayPal looks into the payment."""
    payment = journey.start(order)
    checkout = journey.gateway.checkouts[payment.external_id or ""]
    checkout.state, checkout.reason = PayState.PENDING, "review"
    journey.look(order)
    return payment


def test_a_second_way_is_explained_and_takes_a_tick(
    client: Client, journey: Journey, order: Order, engine: Engine, session: Session
):
    first = hold_back(journey, order)
    page = open_order(client, order).follow("Pay by bank transfer")
    assert page.h1 == "Pay US$280.00 in another way"
    assert "You may pay twice" in page.text
    assert f"{PROVIDER} has to give the second amount back" in page.text
    form = page.form(f"/en/orders/{order.token}/method")
    assert form.fields["method"] == ["bank"]

    refused = form.submit(status=422)
    assert refused.errors == {BOX: "Tick the box to pay in a second way. Nothing was changed."}
    assert refused.form(f"/en/orders/{order.token}/method").fields["method"] == ["bank"]
    assert journey.fresh(order).method == "paypal"

    shown = refused.form(f"/en/orders/{order.token}/method").submit(**{BOX: "yes"})
    assert shown.h1 == f"Transfer US$280.00 to {PROVIDER}"
    superseded, second = payments(engine, order)
    assert (superseded.id, superseded.state) == (first.id, PaymentState.PENDING)
    assert superseded.superseded_at is not None
    assert second.gateway == "bank"
    consent = session.query(Consent).filter_by(kind="second_payment").one()
    assert consent.group_id == order.group_id

    told = open_order(client, order)
    assert "Your first payment by PayPal may still be taken." in told.text
    assert "A payment is on hold" in told.text
    assert told.forms(f"/en/orders/{order.token}/withdraw") == []


def test_who_has_sent_a_transfer_is_asked_too(client: Client, journey: Journey, order: Order, engine: Engine):
    instructions = change(open_order(client, order), order)
    instructions.form(f"/en/orders/{order.token}/sent").submit()
    page = open_order(client, order).follow("Pay by PayPal")
    assert "You told us that you have sent a bank transfer." in page.text
    hop = page.form(f"/en/orders/{order.token}/method").submit(**{BOX: "yes"})
    assert hop.h1 == "Taking you to PayPal"
    assert [each.superseded_at is not None for each in payments(engine, order)] == [True, False]


def test_a_box_that_has_become_needed_is_shown_and_nothing_is_changed(
    client: Client, journey: Journey, order: Order
):
    form = open_order(client, order).form(f"/en/orders/{order.token}/method")
    hold_back(journey, order)
    page = form.submit()
    assert page.h1 == "Pay US$280.00 in another way"
    assert page.errors == {}
    assert journey.fresh(order).method == "paypal"


def test_another_site_cannot_change_it(client: Client, journey: Journey, order: Order):
    client.post(f"/en/orders/{order.token}/method", {"method": "bank"}, status=400)
    assert journey.fresh(order).method == "paypal"


@pytest.mark.parametrize("method", ["", "stripe", "bitcoin"])
def test_a_way_that_is_none_changes_nothing(client: Client, journey: Journey, order: Order, method: str):
    page = (
        open_order(client, order).form(f"/en/orders/{order.token}/method").submit(status=422, method=method)
    )
    assert page.errors == {"method": "Choose how you would like to pay."}
    assert journey.fresh(order).method == "paypal"


def test_an_order_that_waits_no_more_is_left_alone(client: Client, journey: Journey, order: Order):
    form = open_order(client, order).form(f"/en/orders/{order.token}/method")
    journey.expire(order)
    assert form.submit().h1 == "This order has expired"
    assert client.get(f"/en/orders/{order.token}/method").h1 == "This order has expired"
    assert journey.fresh(order).state == OrderState.EXPIRED


def test_who_comes_back_without_paying_is_offered_everything_and_nothing_has_changed(
    client: Client, journey: Journey, order: Order, engine: Engine
):
    payment = journey.start(order)
    before = len(journey.gateway.calls)
    page = open_order(client, order, "?back=unpaid")
    assert page.h1 == "You came back without paying"
    assert "You can try again, pay in another way, or withdraw the order." in page.text
    assert page.link("Pay US$280.00 with PayPal") == f"/en/orders/{order.token}/pay"
    assert page.link("Pay in another way") == "#other-ways"
    assert page.link("Withdraw this order") == "#withdraw-order"
    assert page.form(f"/en/orders/{order.token}/withdraw")
    assert len(journey.gateway.calls) == before
    [now] = payments(engine, order)
    assert (now.id, now.state) == (payment.id, PaymentState.STARTED)
    assert page.follow("Pay US$280.00 with PayPal").h1 == "Taking you to PayPal"


def test_the_page_names_the_attempt_that_counts(
    client: Client, journey: Journey, order: Order, session: Session
):
    hold_back(journey, order)
    page = client.get(f"/en/orders/{order.token}/method?method=bank")
    page.form(f"/en/orders/{order.token}/method").submit(**{BOX: "yes"})
    latest = latest_payment_of(session, order.id)
    assert latest is not None
    assert latest.gateway == "bank"
    assert open_order(client, order).h1 == "Waiting for your transfer"
