"""The main job by Mollie: the same line with a third family of gateway, and the ways in which its money goes elsewhere."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.domain.certificates.queries import certificate_of
from app.domain.later import defer
from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import Payment, PaymentEntry, PaymentState, ProviderPayeeAccount
from app.shells.start_checkout import start_checkout
from app.shells.works import Works
from tests.town import Town, fresh, place, run_until_quiet, want_money_back


def buy(works: Works, town: Town, scenario: str) -> tuple[Order, Payment]:
    """Place, start, pay on the page, and have the payment looked at; the jobs are the test's to run."""
    takes_it = (
        select(Offer.id)
        .join(ProviderPayeeAccount, ProviderPayeeAccount.provider_id == Offer.provider_id)
        .where(ProviderPayeeAccount.gateway == "mollie", Offer.min_quantity == 1, Offer.quantity > 500)
        .order_by(Offer.mandate_id)
        .limit(1)
    )
    with works.sessions() as session:
        offer_id = session.execute(takes_it).scalar_one()
    order = place(works, {offer_id: 3}, method="mollie").orders[0]
    payment = start_checkout(works, order.id)
    town.approve(payment, scenario)
    look_soon(works, payment)
    return order, payment


def look_soon(works: Works, payment: Payment) -> None:
    """As a notification does."""
    with works.sessions.begin() as session:
        defer(session, "look_at_payment", payment_id=payment.id)


def at_mollie(town: Town, payment: Payment) -> dict[str, Any]:
    """The payment there, with its parts."""
    listed = httpx.get(f"{town.mollie.url}/sandbox/payments").raise_for_status().json()
    (found,) = [each for each in listed if each["id"] == payment.external_id]
    return dict(found)


def money(works: Works, payment: Payment) -> list[str]:
    """What the ledger has of a payment."""
    with works.sessions() as session:
        rows = session.execute(select(PaymentEntry.kind).where(PaymentEntry.payment_id == payment.id))
        return sorted(rows.scalars())


def test_paid_by_mollie_ends_in_a_certificate(shop: Works, town: Town) -> None:
    order, payment = buy(shop, town, "no_webhook")
    assert at_mollie(town, payment)["status"] == "authorized"
    run_until_quiet(shop)
    assert fresh(shop, order).state == OrderState.COMPLETED
    taken = at_mollie(town, payment)
    assert (taken["status"], taken["amountCaptured"]) == (
        "paid",
        {"currency": "EUR", "value": f"{order.total.amount:f}"},
    )
    assert money(shop, payment) == ["receipt"]
    with shop.sessions() as session:
        assert certificate_of(session, order.id) is not None


def test_money_for_units_that_the_registry_refuses_goes_back(shop: Works, town: Town) -> None:
    town.fault("requestCancellation", "refuse", code="block_not_available")
    order, payment = buy(shop, town, "no_webhook")
    run_until_quiet(shop)
    want_money_back(shop, order)
    assert fresh(shop, order).state == OrderState.REFUNDED
    assert money(shop, payment) == ["receipt", "refund"]


@pytest.mark.parametrize(
    ("scenario", "state"), [("decline", PaymentState.FAILED), ("cancel", PaymentState.EXPIRED)]
)
def test_who_did_not_pay_pays_again(shop: Works, town: Town, scenario: str, state: PaymentState) -> None:
    order, payment = buy(shop, town, scenario)
    run_until_quiet(shop)
    with shop.sessions() as session:
        assert session.get_one(Payment, payment.id).state == state
    again = start_checkout(shop, order.id)
    assert again.id != payment.id
    town.approve(again, "no_webhook")
    look_soon(shop, again)
    run_until_quiet(shop)
    assert fresh(shop, order).state == OrderState.COMPLETED
    assert (money(shop, payment), money(shop, again)) == ([], ["receipt"])


def test_money_that_is_taken_later_starts_the_cancellation_later(shop: Works, town: Town) -> None:
    order, payment = buy(shop, town, "capture_waits")
    run_until_quiet(shop)
    assert fresh(shop, order).state == OrderState.AWAITING_PAYMENT
    town.mollie_payment(payment, "capture/succeeded")
    look_soon(shop, payment)
    run_until_quiet(shop)
    assert fresh(shop, order).state == OrderState.COMPLETED


def test_chargeback_is_in_the_books_and_the_cancellation_stays(shop: Works, town: Town) -> None:
    order, payment = buy(shop, town, "no_webhook")
    run_until_quiet(shop)
    town.mollie_payment(payment, "chargeback")
    look_soon(shop, payment)
    run_until_quiet(shop)
    assert fresh(shop, order).state == OrderState.COMPLETED
    assert money(shop, payment) == ["chargeback", "receipt"]
