"""The buyer leaves at the gateway: with a click on "back", or without a word."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import any_, select
from sqlalchemy.orm import aliased

from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import Payment, PaymentState, ProviderPayeeAccount
from app.shells.change_order_method import change_order_method
from sandbox.stripe.forms import read_form
from tests.factories import HOLD
from tests.failure_modes.bench import Bench


def asked_to_close_at(bench: Bench, payment: Payment) -> datetime:
    """When Stripe was told to close the page."""
    calls = httpx.get(f"{bench.town.stripe.url}/sandbox/calls").raise_for_status().json()
    bodies = [read_form(call["body"]) for call in calls if str(payment.id) in (call["body"] or "")]
    [created] = [body for body in bodies if body.get("client_reference_id") == str(payment.id)]
    return datetime.fromtimestamp(int(created["expires_at"]), UTC)


def tries_to_pay(bench: Bench, payment: Payment) -> str:
    """The buyer presses the button in a forgotten tab; how the session stands then."""
    return str(bench.town.stripe_session(payment, "pay", scenario="no_webhook")["status"])


def test_failure_mode_11_a_page_closes_five_minutes_before_the_hold_and_the_hold_is_an_hour(
    bench: Bench,
) -> None:
    order = bench.place("stripe")
    payment = bench.start(order)
    assert order.hold_until - order.placed_at == HOLD == timedelta(minutes=60)
    closes = asked_to_close_at(bench, payment)
    assert closes == (order.hold_until - timedelta(minutes=5)).replace(microsecond=0)


def test_failure_mode_11_late_in_the_hold_the_page_is_closed_before_the_units_are_free(
    bench: Bench,
) -> None:
    order = bench.place("stripe")
    bench.wait(minutes=50)
    payment = bench.start(order)
    assert asked_to_close_at(bench, payment) > order.hold_until, "Stripe opens none for ten minutes"
    bench.wait(minutes=10)
    bench.run()
    expired = bench.order(order)
    assert (expired.state, bench.payment(payment).state) == (OrderState.EXPIRED, PaymentState.EXPIRED)
    assert expired.lines[0].offer.held == 0
    assert tries_to_pay(bench, payment) == "expired"
    bench.run_for(minutes=5)
    assert bench.money(order) == []


def test_failure_mode_11_a_card_that_was_charged_in_the_last_moment_is_seen_before_the_order_expires(
    bench: Bench,
) -> None:
    order, _ = bench.buy("stripe")
    bench.wait(minutes=60)
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.money(order) == [("receipt", order.total_minor)]


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_11_coming_back_changes_nothing_and_everything_is_offered(
    bench: Bench, method: str
) -> None:
    order = bench.place(method)
    payment = bench.start(order)
    before = bench.trail(order.id)
    page = bench.app.test_client().get(f"/en/orders/{order.token}?back=unpaid")
    assert page.status_code == 200
    assert "You came back without paying" in page.text
    assert f'href="/en/orders/{order.token}/pay"' in page.text
    assert f'action="/en/orders/{order.token}/withdraw"' in page.text
    assert bench.trail(order.id) == before
    assert bench.payment(payment).state == PaymentState.STARTED


def test_failure_mode_11_another_way_is_taken_and_the_first_page_is_closed(bench: Bench) -> None:
    order = _two_ways(bench)
    first = bench.start(order)
    assert change_order_method(bench.works, order.id, "bank")
    bench.start(order)
    bench.run()
    left = bench.payment(first)
    assert (left.state, left.reason) == (PaymentState.ABANDONED, "method_changed")
    assert tries_to_pay(bench, first) == "expired"
    bench.bring(order, bench.movement(order))
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.money(order) == [("receipt", order.total_minor)]


def _two_ways(bench: Bench) -> Order:
    """By card, of somebody who can be paid by transfer in the same currency, too."""
    account, other = aliased(ProviderPayeeAccount), aliased(ProviderPayeeAccount)
    with bench.works.sessions() as session:
        offer = session.execute(
            select(Offer)
            .join(account, (account.provider_id == Offer.provider_id) & (account.gateway == "stripe"))
            .join(other, (other.provider_id == Offer.provider_id) & (other.gateway == "bank"))
            .where(Offer.quantity > 500, Offer.min_quantity == 1, account.mode != "connect")
            .where(Offer.currency == any_(account.currencies), Offer.currency == any_(other.currencies))
            .order_by(Offer.mandate_id)
            .limit(1)
        ).scalar_one()
    return bench.place("stripe", offer)
