"""The main job with a card: from a placed order to a certificate, and every way in which the money can go elsewhere."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.domain.certificates.queries import certificate_of
from app.domain.later import defer
from app.domain.offers.models import Offer
from app.domain.orders.give_back import give_back
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import Payment, PaymentEntry, PaymentState, ProviderPayeeAccount
from app.domain.payments.queries import locked_order
from app.domain.payments.refund_models import RefundState
from app.domain.payments.refunds.balance import refunds_of
from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.gateways.stripe import StripeGateway
from app.shells.expire import expire
from app.shells.look_at_payment import look_at_payment
from app.shells.start_checkout import start_checkout
from app.shells.works import Works
from tests.straight_line.dying import dies, work_until
from tests.straight_line.test_crashes import assert_ended_right, free_jobs_of_the_dead
from tests.town import DETAILS, Town, fresh, place, run_until_quiet

UNITS = 3


def an_offer(works: Works, mode: str = "own_key") -> Offer:
    """Plenty of units of a provider who takes cards."""
    with works.sessions() as session:
        takes_cards = (
            select(Offer)
            .join(ProviderPayeeAccount, ProviderPayeeAccount.provider_id == Offer.provider_id)
            .where(ProviderPayeeAccount.gateway == "stripe", ProviderPayeeAccount.mode == mode)
            .where(Offer.min_quantity == 1, Offer.quantity > 500)
            .order_by(Offer.mandate_id)
            .limit(1)
        )
        return session.execute(takes_cards).scalar_one()


def start(works: Works, offer: Offer) -> tuple[Order, Payment]:
    order = place(works, {offer.id: UNITS}, method="stripe").orders[0]
    return order, start_checkout(works, order.id)


def buy(works: Works, town: Town, offer: Offer, scenario: str = "no_webhook") -> tuple[Order, Payment]:
    """Place, start, pay on the page, and have the payment looked at; the jobs are the test's to run."""
    order, payment = start(works, offer)
    town.approve(payment, scenario)
    look_soon(works, payment)
    return order, payment


def look_soon(works: Works, payment: Payment) -> None:
    """As a notification does."""
    with works.sessions.begin() as session:
        defer(session, "look_at_payment", payment_id=payment.id)


def money(works: Works, payment: Payment) -> list[str]:
    """What the ledger has of a payment."""
    with works.sessions() as session:
        rows = session.execute(select(PaymentEntry.kind).where(PaymentEntry.payment_id == payment.id))
        return sorted(rows.scalars())


def at_stripe(town: Town, payment: Payment) -> tuple[str, str | None]:
    """Session and intent."""
    for session in httpx.get(f"{town.stripe.url}/sandbox/sessions").json():
        if session["id"] == payment.external_id:
            charges = httpx.get(f"{town.stripe.url}/sandbox/charges").json()
            held = [each for each in charges if each["session"] == session["id"]]
            state = None
            if held:
                state = (
                    "taken"
                    if held[0]["captured"]
                    else ("given back" if held[0]["amount_refunded"] else "held")
                )
            return session["status"], state
    raise AssertionError("there is no such session")


@pytest.fixture
def hasty(shop: Works) -> Iterator[Works]:
    """The same platform with little patience for Stripe."""
    gateway = StripeGateway(shop.settings.api_urls["stripe"], timeout=0.7)
    outside = replace(shop.neighbours, gateways={**shop.neighbours.gateways, "stripe": gateway})
    yield replace(shop, neighbours=outside)
    gateway.close()


@pytest.mark.parametrize("mode", ["own_key", "connect"])
@pytest.mark.parametrize("scenario", ["no_webhook", "three_d_secure"])
def test_paid_by_card_ends_in_a_certificate(shop: Works, town: Town, mode: str, scenario: str) -> None:
    order, payment = buy(shop, town, an_offer(shop, mode), scenario)
    assert at_stripe(town, payment) == ("complete", "held")
    run_until_quiet(shop)
    assert fresh(shop, order).state == OrderState.COMPLETED
    assert_ended_right(shop, town, order.id, payment.id, UNITS)
    assert at_stripe(town, payment) == ("complete", "taken")
    with shop.sessions() as session:
        certificate = certificate_of(session, order.id)
        assert certificate is not None
        assert certificate.pdf is not None
    assert "certificate" in {mail["subject"] for mail in town.mails(DETAILS.email)}


@pytest.mark.timeout(600)
def test_a_worker_killed_around_the_capture_charges_once(shop: Works, town: Town) -> None:
    offer = an_offer(shop)
    deaths = 0
    for die_at in range(1, 15):  # from the first look at the payment until its money is in the books
        order, payment = buy(shop, town, offer)
        if dies(work_until, shop.settings, die_at):
            deaths += 1
            free_jobs_of_the_dead(shop)
            run_until_quiet(shop)
        assert fresh(shop, order).state == OrderState.COMPLETED, f"killed at place {die_at}"
        assert_ended_right(shop, town, order.id, payment.id, UNITS)
    assert deaths == 14


@pytest.mark.parametrize(
    ("operation", "kind", "options"),
    [
        ("capture", "timeout_after", {"seconds": 2}),
        ("capture", "timeout_before", {"seconds": 2}),
        ("capture", "error_500", {}),
        ("capture", "error_500_after", {}),
        ("capture", "error_503", {}),
        ("capture", "rate_limited", {}),
        ("capture", "key_in_use", {}),
        ("capture", "malformed", {}),
        ("get_session", "timeout_before", {"seconds": 2}),
        ("get_session", "malformed", {}),
        ("get_refunds", "error_500", {}),
    ],
)
def test_faults_of_stripe_charge_once(
    hasty: Works, town: Town, operation: str, kind: str, options: dict[str, Any]
) -> None:
    order, payment = buy(hasty, town, an_offer(hasty))
    town.stripe_fault(operation, kind, **options)
    run_until_quiet(hasty, tries=25)
    assert fresh(hasty, order).state == OrderState.COMPLETED
    assert_ended_right(hasty, town, order.id, payment.id, UNITS)


@pytest.mark.parametrize("kind", ["timeout_after", "error_500", "error_500_after", "rate_limited"])
def test_a_checkout_that_was_not_answered_is_opened_once_more(hasty: Works, town: Town, kind: str) -> None:
    order = place(hasty, {an_offer(hasty).id: UNITS}, method="stripe").orders[0]
    town.stripe_fault("create_session", kind, seconds=2)
    with pytest.raises((OutcomeUnknown, TryAgain)):
        start_checkout(hasty, order.id)
    payment = start_checkout(hasty, order.id)
    assert (payment.state, at_stripe(town, payment)) == (PaymentState.STARTED, ("open", None))


def test_a_refusal_of_the_registry_gives_the_approval_back_at_once(shop: Works, town: Town) -> None:
    offer = an_offer(shop)
    order, payment = buy(shop, town, offer)
    with shop.sessions() as session:
        block = f"{town.registry.url}/sandbox/blocks/{session.get_one(Offer, offer.id).mandate.block_id}"
    httpx.post(f"{block}/freeze").raise_for_status()
    try:
        run_until_quiet(shop)
        assert fresh(shop, order).state == OrderState.WITHDRAWN
        assert (money(shop, payment), at_stripe(town, payment)) == ([], ("complete", "given back"))
    finally:
        httpx.post(f"{block}/unfreeze").raise_for_status()


def test_an_order_out_of_time_closes_its_page(shop: Works, town: Town) -> None:
    order, payment = start(shop, an_offer(shop))
    late = replace(shop, now=lambda: order.hold_until + timedelta(seconds=1))
    expire(late, order.id)
    assert fresh(shop, order).state == OrderState.EXPIRED
    look_at_payment(late, payment.id)  # as the sweeper does
    assert at_stripe(town, payment) == ("expired", None)
    assert "expired" in httpx.get(f"{town.stripe.url}/c/pay/{payment.external_id}").text


def test_a_bank_debit_waits_and_then_cancels(shop: Works, town: Town) -> None:
    order, payment = buy(shop, town, an_offer(shop), "delayed_waits")
    run_until_quiet(shop)
    with shop.sessions() as session:
        assert session.get_one(Payment, payment.id).state == PaymentState.PENDING
    town.stripe_session(payment, "succeed")
    look_soon(shop, payment)
    run_until_quiet(shop)
    assert fresh(shop, order).state == OrderState.COMPLETED
    assert_ended_right(shop, town, order.id, payment.id, UNITS)


def test_a_bank_debit_that_does_not_come_leaves_the_order_waiting(shop: Works, town: Town) -> None:
    order, payment = buy(shop, town, an_offer(shop), "delayed_waits")
    run_until_quiet(shop)
    town.stripe_session(payment, "fail")
    look_soon(shop, payment)
    run_until_quiet(shop)
    assert fresh(shop, order).state == OrderState.AWAITING_PAYMENT
    with shop.sessions() as session:
        assert session.get_one(Payment, payment.id).state == PaymentState.FAILED


def test_a_dispute_after_the_cancellation_is_an_entry_and_no_more(shop: Works, town: Town) -> None:
    order, payment = buy(shop, town, an_offer(shop))
    run_until_quiet(shop)
    dispute = town.stripe_session(payment, "dispute")
    look_soon(shop, payment)
    run_until_quiet(shop)
    assert (fresh(shop, order).state, money(shop, payment)) == (
        OrderState.COMPLETED,
        ["chargeback", "receipt"],
    )
    httpx.post(f"{town.stripe.url}/sandbox/disputes/{dispute['id']}/close", json={"status": "won"})
    look_soon(shop, payment)
    run_until_quiet(shop)
    assert money(shop, payment) == ["chargeback", "chargeback_won", "receipt"]


def test_a_refund_takes_its_time_and_may_fail_even_later(shop: Works, town: Town) -> None:
    order, payment = buy(shop, town, an_offer(shop), "refund_pending")
    town.fault("requestCancellation", "refuse", code="block_not_available")
    run_until_quiet(shop)
    with shop.sessions.begin() as session:  # others could be had; the buyer wants none
        give_back(session, locked_order(session, order.id), "block_not_available", shop.now())
    run_until_quiet(shop)
    assert (fresh(shop, order).state, money(shop, payment)) == (OrderState.REFUND_DUE, ["receipt"])
    (charge,) = [
        each
        for each in httpx.get(f"{town.stripe.url}/sandbox/charges").json()
        if each["session"] == payment.external_id
    ]
    (refund,) = charge["refunds"]
    httpx.post(f"{town.stripe.url}/sandbox/refunds/{refund['id']}/succeeded").raise_for_status()
    look_soon(shop, payment)
    run_until_quiet(shop)
    assert fresh(shop, order).state == OrderState.REFUNDED
    httpx.post(f"{town.stripe.url}/sandbox/refunds/{refund['id']}/failed").raise_for_status()
    look_soon(shop, payment)
    run_until_quiet(shop)
    order = fresh(shop, order)
    assert (order.state, order.state_reason) == (OrderState.REFUND_DUE, "refund_failed")
    assert money(shop, payment) == ["receipt", "refund", "refund_failed"]
    with shop.sessions() as session:
        (row,) = refunds_of(session, order.id)
    assert (row.state, row.problem) == (RefundState.BY_HAND, "refund_failed")
