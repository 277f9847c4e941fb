"""What is PayPal's alone: what goes over the wire, its tokens, its words."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.gateways.interface import Attempt, Declined, PayeeProblem, PayState
from app.integrations.gateways.paypal import PayPalGateway
from app.integrations.gateways.paypal.orders import Unreadable, snapshot_of
from app.integrations.gateways.paypal.words import error_of
from app.money import Money
from tests.integrations.gateways.conftest import Exchange
from tests.integrations.gateways.worlds import SandboxWorld, new_attempt
from tests.neighbours import free_port
from tests.sandbox.paypal.specification import check_exchange, check_request, paypal_specification


def start(world: SandboxWorld, attempt: Attempt | None = None) -> Attempt:
    attempt = attempt or new_attempt()
    step = world.gateway.start(attempt, world.account, f"{attempt.id}:create")
    return replace(attempt, external_id=step.external_id)


def approved(world: SandboxWorld, scenario: str = "approve") -> Attempt:
    attempt = start(world)
    world.approve(attempt.external_id, scenario)
    return attempt


def calls(world: SandboxWorld, operation: str) -> list[dict[str, Any]]:
    """This seller's calls of an operation, as the sandbox saw them."""
    log = world.seller.http.get("/sandbox/calls", params={"operation": operation}).json()
    return [call for call in log if call["merchant_id"] == world.seller.caller_id]


def test_every_exchange_is_as_specified(sandbox: SandboxWorld, wire: list[Exchange]):
    specification = paypal_specification()
    sandbox.gateway.close()
    gateway = sandbox.gateway = PayPalGateway(sandbox.program.url)  # one that has no token yet
    account = sandbox.account
    gateway.ensure_webhook(account, sandbox.listener.url + "/other")
    attempt = approved(sandbox)
    gateway.fetch(attempt, account)
    (receipt,) = gateway.capture(attempt, account, "key").entries
    gateway.refund(attempt, account, receipt, Money(100, "EUR"), "refund")
    declined = approved(sandbox, "decline")
    with pytest.raises(Declined):
        gateway.capture(declined, account, "key-2")
    with pytest.raises(Refused):
        gateway.refund(attempt, account, receipt, Money(100, "USD"), "refund-2")
    ours = [exchange for exchange in wire if "/sandbox/" not in exchange[0].url.path]
    assert {request.method + " " + request.url.path.split("/")[-1] for request, _ in ours} >= {
        "POST token",
        "POST orders",
        "POST capture",
        "POST refund",
        "POST webhooks",
        "GET webhooks",
    }
    for request, answer in ours:
        check_exchange(specification, request, answer)


def test_specification_would_notice(sandbox: SandboxWorld, wire: list[Exchange]):
    """The check above is worth something: a small change of what is sent fails it."""
    specification = paypal_specification()
    start(sandbox)
    (sent,) = [request for request, _ in wire if request.url.path == "/v2/checkout/orders"]
    body = json.loads(sent.content)
    body["purchase_units"][0]["amount"]["value"] = "25,50"
    wrong = httpx.Request(sent.method, sent.url, headers={**sent.headers, "Content-Length": ""}, json=body)
    with pytest.raises(Exception, match="Request body validation error"):
        check_request(specification, wrong)


def test_nobody_but_the_provider_is_paid_and_no_fee_is_taken(sandbox: SandboxWorld):
    attempt = approved(sandbox)
    (receipt,) = sandbox.gateway.capture(attempt, sandbox.account, "take").entries
    sandbox.gateway.refund(attempt, sandbox.account, receipt, receipt.amount, "back")
    log = [
        call
        for operation in ("create_order", "capture_order", "refund_capture")
        for call in calls(sandbox, operation)
    ]
    assert len(log) == 3
    for call in log:
        for word in ("payee", "fee", "disburse", "payment_instruction", "destination", "transfer"):
            assert word not in call["body"]
        assert not any(name.lower().startswith("paypal-auth") for name in call["headers"])


def test_what_a_checkout_asks_for(sandbox: SandboxWorld):
    attempt = start(sandbox)
    (call,) = calls(sandbox, "create_order")
    body = json.loads(call["body"])
    (unit,) = body["purchase_units"]
    assert (unit["custom_id"], unit["invoice_id"]) == (attempt.id, attempt.id)
    assert unit["description"] == "VC-7K3M-29QD: 25 t, Sample wind farm, Taíba"
    assert body["payment_source"]["paypal"]["experience_context"] == {
        "landing_page": "GUEST_CHECKOUT",
        "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING",
        "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
        "return_url": attempt.return_url,
        "cancel_url": attempt.cancel_url,
        "locale": "fr-FR",
    }
    assert call["headers"]["Paypal-Request-Id"] == f"{attempt.id}:create"


def test_long_description_is_cut(sandbox: SandboxWorld):
    start(sandbox, new_attempt(description="ä" * 200))
    (call,) = calls(sandbox, "create_order")
    (unit,) = json.loads(call["body"])["purchase_units"]
    assert len(unit["description"]) == 127
    assert unit["description"].endswith("ä…")


@pytest.mark.parametrize("amount", [Money(1250, "HUF"), Money(1, "TWD"), Money(1001, "KWD")])
def test_amounts_that_paypal_cannot_take(sandbox: SandboxWorld, amount: Money):
    with pytest.raises(Refused, match="amount_not_supported"):
        start(sandbox, new_attempt(amount))
    assert calls(sandbox, "create_order") == []


def test_currency_that_paypal_does_not_know(sandbox: SandboxWorld):
    with pytest.raises(Refused, match="invalid_currency_code"):
        start(sandbox, new_attempt(Money(100, "XOF")))


def test_payee_and_amount_are_told_as_they_are(sandbox: SandboxWorld):
    """An order that somebody made for another payee is seen for what it is."""
    other = sandbox.seller.merchant_id
    mine = sandbox.account.external_id[:-1] + ("2" if sandbox.account.external_id[-1] != "2" else "3")
    sandbox.seller.control(
        "merchants", external_id=mine, client_id=f"c-{mine}", client_secret="s", name="Somebody else"
    )
    order_id = sandbox.seller.create("99.00", payee={"merchant_id": mine})
    snapshot = sandbox.gateway.fetch(new_attempt(external_id=order_id), sandbox.account)
    assert (snapshot.payee, snapshot.amount) == (mine, Money(9900, "EUR"))
    assert snapshot.payee != other


@pytest.mark.parametrize("scenario, reason", [("review", "review"), ("echeck", "echeck")])
def test_reasons_to_wait(sandbox: SandboxWorld, scenario: str, reason: str):
    attempt = approved(sandbox, scenario)
    snapshot = sandbox.gateway.capture(attempt, sandbox.account, "take")
    assert (snapshot.state, snapshot.reason) == (PayState.PENDING, reason)


def test_currency_that_the_provider_must_accept_by_hand(sandbox: SandboxWorld):
    sandbox.seller.control(
        "merchants",
        external_id=sandbox.seller.merchant_id,
        client_id=sandbox.seller.client_id,
        client_secret=sandbox.seller.secret,
        currencies=["USD"],
    )
    attempt = approved(sandbox)
    snapshot = sandbox.gateway.capture(attempt, sandbox.account, "take")
    assert (snapshot.state, snapshot.reason) == (PayState.PENDING, "payee_action")


def test_refund_on_paypals_own_site_is_seen(sandbox: SandboxWorld):
    attempt = approved(sandbox)
    (receipt,) = sandbox.gateway.capture(attempt, sandbox.account, "take").entries
    sandbox.seller.control(f"captures/{receipt.external_id}/refund")
    snapshot = sandbox.gateway.fetch(attempt, sandbox.account)
    assert [(entry.kind, entry.amount) for entry in snapshot.entries] == [
        ("receipt", attempt.amount),
        ("refund", attempt.amount),
    ]


@pytest.mark.parametrize("kind", ["error_500", "error_500_after", "malformed"])
def test_unclear_answer_to_capture(sandbox: SandboxWorld, kind: str):
    attempt = approved(sandbox)
    sandbox.fault("capture", kind)
    with pytest.raises(OutcomeUnknown):
        sandbox.gateway.capture(attempt, sandbox.account, "take")
    assert len(sandbox.gateway.capture(attempt, sandbox.account, "take").entries) == 1


@pytest.mark.parametrize("kind", ["error_500", "malformed", "error_503"])
def test_unclear_answer_to_a_look(sandbox: SandboxWorld, kind: str):
    attempt = start(sandbox)
    sandbox.fault("fetch", kind)
    with pytest.raises(TryAgain):
        sandbox.gateway.fetch(attempt, sandbox.account)


def test_capture_that_never_answers(sandbox: SandboxWorld):
    attempt = approved(sandbox)
    sandbox.fault("capture", "timeout_after", seconds=3)
    impatient = PayPalGateway(sandbox.program.url, None, timeout=0.3)
    with pytest.raises(OutcomeUnknown, match="timeout"):
        impatient.capture(attempt, sandbox.account, "take")
    impatient.close()
    assert sandbox.gateway.fetch(attempt, sandbox.account).state is PayState.CAPTURED


def test_paypal_is_away(sandbox: SandboxWorld):
    gateway = PayPalGateway(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(TryAgain, match="paypal_unavailable"):
        gateway.start(new_attempt(), sandbox.account, "key")
    gateway.close()


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(sandbox: SandboxWorld, clock: Clock) -> Iterator[PayPalGateway]:
    gateway = PayPalGateway(sandbox.program.url, None, now=clock)
    yield gateway
    gateway.close()


def _tokens_fetched(world: SandboxWorld) -> int:
    return len(world.seller.http.get("/sandbox/calls", params={"operation": "token"}).json())


def test_token_is_kept_while_it_lasts(sandbox: SandboxWorld, timed: PayPalGateway, clock: Clock):
    attempt = start(sandbox)
    before = _tokens_fetched(sandbox)
    timed.fetch(attempt, sandbox.account)
    clock.time += timedelta(hours=8)
    timed.fetch(attempt, sandbox.account)
    assert _tokens_fetched(sandbox) == before + 1
    clock.time += timedelta(hours=1)
    timed.fetch(attempt, sandbox.account)
    assert _tokens_fetched(sandbox) == before + 2


def test_refused_token_is_replaced_once(sandbox: SandboxWorld):
    attempt = start(sandbox)
    sandbox.seller.control("clock", forward_seconds=10 * 3600)  # PayPal's idea of time, not ours
    assert sandbox.gateway.fetch(attempt, sandbox.account).state is PayState.STARTED


@pytest.mark.parametrize("kind", ["timeout_after", "error_500", "malformed"])
def test_trouble_with_the_token_is_harmless(sandbox: SandboxWorld, timed: PayPalGateway, kind: str):
    """Nothing was asked for yet, so a checkout that failed for want of a token may be tried again."""
    sandbox.fault("token", kind, seconds=0)
    with pytest.raises(TryAgain):
        timed.start(new_attempt(), sandbox.account, "key")
    assert calls(sandbox, "create_order") == []


def test_wrong_keys_are_the_providers_trouble(sandbox: SandboxWorld):
    account = replace(sandbox.account, secret="wrong")
    with pytest.raises(PayeeProblem, match="credentials_refused"):
        sandbox.gateway.start(new_attempt(), account, "key")


def test_accounts_do_not_share_tokens(sandbox: SandboxWorld):
    start(sandbox)
    with pytest.raises(PayeeProblem):
        sandbox.gateway.start(new_attempt(), replace(sandbox.account, secret="changed"), "key")


def test_other_modes_are_refused(sandbox: SandboxWorld):
    with pytest.raises(ValueError, match="connect"):
        sandbox.gateway.start(new_attempt(), replace(sandbox.account, mode="connect"), "key")


def test_no_secret_in_logs_or_errors(sandbox: SandboxWorld, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, logger="app")
    attempt = approved(sandbox, "decline")
    with pytest.raises(Declined) as refusal:
        sandbox.gateway.capture(attempt, sandbox.account, "take")
    said = caplog.text + repr(refusal.value) + repr(sandbox.account)
    assert "/v2/checkout/orders" in said
    assert sandbox.account.secret not in said
    assert "Bearer" not in said


def test_webhook_is_registered_once(sandbox: SandboxWorld):
    url = sandbox.listener.url + "/again"
    first = sandbox.gateway.ensure_webhook(sandbox.account, url)
    assert sandbox.gateway.ensure_webhook(sandbox.account, url) == first
    assert first != sandbox.account.webhook_id


@pytest.mark.parametrize(
    "issue, status, kind, code",
    [
        ("INSTRUMENT_DECLINED", 422, Declined, "declined"),
        ("PAYER_CANNOT_PAY", 422, Declined, "payer_cannot_pay"),
        ("PAYEE_ACCOUNT_RESTRICTED", 422, PayeeProblem, "account_restricted"),
        ("PAYEE_OF_A_NEW_KIND", 422, PayeeProblem, "account_problem"),
        ("NOT_AUTHORIZED", 403, PayeeProblem, "permission_denied"),
        ("ORDER_COMPLETION_IN_PROGRESS", 422, TryAgain, "in_progress"),
        ("REFUND_TIME_LIMIT_EXCEEDED", 422, Refused, "refund_time_limit_exceeded"),
    ],
)
def test_issues_in_our_words(issue: str, status: int, kind: type[Exception], code: str):
    error = error_of(issue, status)
    assert (type(error), error.code) == (kind, code)


def _order(**changes: Any) -> dict[str, Any]:
    unit = {
        "amount": {"currency_code": "EUR", "value": "1.00"},
        "payee": {"merchant_id": "M"},
        "custom_id": "c",
    }
    return {"id": "O", "status": "APPROVED", "purchase_units": [unit]} | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"purchase_units": []},
        {"purchase_units": _order()["purchase_units"] * 2},
        {"purchase_units": None},
        {"status": "SOMETHING_NEW"},
        {"status": "COMPLETED"},
        {"purchase_units": [{"amount": {"currency_code": "EUR", "value": "1.001"}}]},
        {"purchase_units": [{"amount": {"currency_code": "EUR", "value": "a lot"}}]},
    ],
    ids=str,
)
def test_orders_that_say_too_little_or_too_much(changes: dict[str, Any]):
    assert snapshot_of(_order()).state is PayState.AUTHORIZED
    with pytest.raises(Unreadable):
        snapshot_of(_order(**changes))
