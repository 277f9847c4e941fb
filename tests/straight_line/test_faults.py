"""Every fault that the registry and the gateway can be made to have: the order ends right, or the buyer keeps the money."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.domain.cancellations.queries import cancellations_of
from app.domain.later import defer
from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import Payment, PaymentState
from app.integrations.gateways.paypal.adapter import PayPalGateway
from app.integrations.registry.client import HttpRegistry
from app.integrations.registry.tokens import ServiceTokens
from app.shells.start_checkout import start_checkout
from app.shells.works import Works
from tests.straight_line.test_crashes import assert_ended_right
from tests.town import Town, close_works, fresh, place, run_until_quiet, want_money_back

UNITS = 3


@pytest.fixture
def hasty(shop: Works) -> Iterator[Works]:
    """The same platform with little patience, so that a hanging neighbour is given up in no time."""
    settings = shop.settings
    tokens = ServiceTokens(
        settings.registry_token_url, settings.registry_client_id, settings.registry_client_secret
    )
    works = replace(
        shop,
        neighbours=replace(
            shop.neighbours,
            registry=HttpRegistry(settings.registry_url, tokens, read=1.2),
            gateways={
                "paypal": PayPalGateway(settings.api_urls["paypal"], settings.paypal_ca_file, timeout=1.2)
            },
        ),
    )
    yield works
    close_works(works)


def an_offer(works: Works, number: int = 0) -> Offer:
    with works.sessions() as session:
        many = select(Offer).where(Offer.min_quantity == 1, Offer.quantity > 500).order_by(Offer.mandate_id)
        return session.execute(many.offset(number).limit(1)).scalar_one()


def buy(works: Works, town: Town, offer: Offer, scenario: str = "no_webhook") -> tuple[Order, Payment]:
    """Place, start, approve, and have the payment looked at; the jobs are the test's to run."""
    order = place(works, {offer.id: UNITS}).orders[0]
    payment = start_checkout(works, order.id)
    town.approve(payment, scenario)
    with works.sessions.begin() as session:
        defer(session, "look_at_payment", payment_id=payment.id)
    return order, payment


HEALING: list[tuple[str, str, dict[str, Any]]] = [
    ("requestCancellation", "slow", {"seconds": 0.2}),
    ("requestCancellation", "timeout_after", {"seconds": 2}),
    ("requestCancellation", "timeout_before", {"seconds": 2}),
    ("requestCancellation", "timeout_after", {"drop": True, "seconds": 0}),
    ("requestCancellation", "timeout_before", {"drop": True, "seconds": 0}),
    ("requestCancellation", "accept_later", {"seconds": 0.5}),
    ("requestCancellation", "rate_limited", {"times": 2}),
    ("requestCancellation", "unavailable", {"times": 2}),
    ("requestCancellation", "malformed", {"acted": True}),
    ("requestCancellation", "malformed", {"acted": False}),
    ("requestCancellation", "refuse", {"code": "forbidden"}),
    ("requestCancellation", "refuse", {"code": "unauthenticated"}),
    ("listCancellations", "unavailable", {}),
    ("getMandate", "timeout_before", {"seconds": 2}),
    ("getMandate", "unavailable", {"times": 2}),
    ("getMandate", "malformed", {}),
]


@pytest.mark.parametrize(("operation", "kind", "options"), HEALING)
def test_registry_faults_that_heal_end_in_a_certificate(
    hasty: Works, town: Town, operation: str, kind: str, options: dict[str, Any]
) -> None:
    order, payment = buy(hasty, town, an_offer(hasty))
    if operation == "listCancellations":
        # Reading back happens only after an outcome that nobody knows.
        town.fault("requestCancellation", "timeout_after", drop=True, seconds=0)
    town.fault(operation, kind, **options)
    run_until_quiet(hasty, tries=25)
    assert fresh(hasty, order).state == OrderState.COMPLETED
    assert_ended_right(hasty, town, order.id, payment.id, UNITS)


@pytest.mark.parametrize("code", ["insufficient_units", "block_not_available", "mandate_revoked"])
def test_a_final_refusal_after_payment_gives_the_money_back(hasty: Works, town: Town, code: str) -> None:
    offer = an_offer(hasty)
    order, payment = buy(hasty, town, offer)
    town.fault("requestCancellation", "refuse", code=code)
    run_until_quiet(hasty)
    want_money_back(hasty, order)
    assert fresh(hasty, order).state == OrderState.REFUNDED
    assert [capture["status"] for capture in town.captures(payment.id)] == ["REFUNDED"]
    with hasty.sessions() as session:
        assert session.get_one(Offer, offer.id).held == 0


@pytest.mark.parametrize(("what", "undo"), [("freeze", "unfreeze"), ("suspend", "resume")])
def test_a_refusal_before_payment_charges_nobody(hasty: Works, town: Town, what: str, undo: str) -> None:
    offer = an_offer(hasty, 1)
    order, payment = buy(hasty, town, offer)
    with hasty.sessions() as session:
        block_id = session.get_one(Offer, offer.id).mandate.block_id
    thing = f"blocks/{block_id}" if what == "freeze" else f"mandates/{offer.mandate_id}"
    httpx.post(f"{town.registry.url}/sandbox/{thing}/{what}").raise_for_status()
    try:
        run_until_quiet(hasty)
        assert fresh(hasty, order).state == OrderState.WITHDRAWN
        assert town.captures(payment.id) == []
        with hasty.sessions() as session:
            assert session.get_one(Offer, offer.id).held == 0
    finally:
        httpx.post(f"{town.registry.url}/sandbox/{thing}/{undo}").raise_for_status()


@pytest.mark.parametrize(
    ("operation", "kind", "options"),
    [
        ("capture_order", "timeout_after", {"seconds": 2}),
        ("capture_order", "timeout_before", {"seconds": 2}),
        ("capture_order", "error_500", {}),
        ("capture_order", "error_500_after", {}),
        ("capture_order", "error_503", {}),
        ("capture_order", "rate_limited", {}),
        ("capture_order", "malformed", {}),
        ("get_order", "timeout_before", {"seconds": 2}),
        ("get_order", "malformed", {}),
    ],
)
def test_gateway_faults_charge_once(
    hasty: Works, town: Town, operation: str, kind: str, options: dict[str, Any]
) -> None:
    order, payment = buy(hasty, town, an_offer(hasty))
    town.paypal_fault(operation, kind, **options)
    run_until_quiet(hasty, tries=25)
    assert fresh(hasty, order).state == OrderState.COMPLETED
    assert_ended_right(hasty, town, order.id, payment.id, UNITS)


@pytest.mark.parametrize("scenario", ["decline", "denied", "no_consent", "reversed"])
def test_a_payment_that_fails_leaves_the_order_waiting(hasty: Works, town: Town, scenario: str) -> None:
    order, payment = buy(hasty, town, an_offer(hasty), scenario)
    run_until_quiet(hasty)
    assert fresh(hasty, order).state == OrderState.AWAITING_PAYMENT
    with hasty.sessions() as session:
        assert session.get_one(Payment, payment.id).state in {PaymentState.FAILED, PaymentState.EXPIRED}
        assert cancellations_of(session, order.id) == []


def test_an_echeck_waits_and_then_cancels(hasty: Works, town: Town) -> None:
    order, payment = buy(hasty, town, an_offer(hasty), "review")
    run_until_quiet(hasty)
    with hasty.sessions() as session:
        assert session.get_one(Payment, payment.id).state == PaymentState.PENDING
        assert cancellations_of(session, order.id) == []
    (capture,) = town.captures(payment.id)
    httpx.post(f"{town.paypal.url}/sandbox/captures/{capture['id']}/complete").raise_for_status()
    with hasty.sessions.begin() as session:
        defer(session, "look_at_payment", payment_id=payment.id)
    run_until_quiet(hasty)
    assert fresh(hasty, order).state == OrderState.COMPLETED
    assert_ended_right(hasty, town, order.id, payment.id, UNITS)
