"""What is Stripe's alone: what goes over the wire, whose keys, its words, disputes and what comes later."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.gateways.interface import (
    Attempt,
    Declined,
    Entry,
    PayeeAccount,
    PayeeProblem,
    PayState,
    Snapshot,
)
from app.integrations.gateways.stripe import StripeGateway
from app.integrations.gateways.stripe.amounts import amount_in, amount_out
from app.integrations.gateways.stripe.sessions import Unreadable, snapshot_of, three_d_secure
from app.integrations.gateways.stripe.words import API_VERSION, EVENTS, error_of
from app.money import Money
from sandbox.stripe.forms import read_form
from tests.integrations.gateways.worlds import StripeWorld, new_attempt
from tests.neighbours import Program, free_port
from tests.sandbox.paypal.listener import Listener
from tests.sandbox.stripe.seller import new_account_id
from tests.sandbox.stripe.specification import check_exchange, stripe_specification

Exchange = tuple[httpx.Request, httpx.Response]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[Exchange]:
    """Everything that is sent from here on, with its answers."""
    seen: list[Exchange] = []
    really_send = httpx.HTTPTransport.handle_request

    def send(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        answer = really_send(self, request)
        whole = httpx.Response(answer.status_code, headers=answer.headers, content=answer.read())
        answer.close()
        seen.append((request, whole))
        return whole

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", send)
    return seen


@pytest.fixture(params=["own_key", "connect"])
def either_mode(request: pytest.FixtureRequest, stripe_program: Program) -> Iterator[StripeWorld]:
    with Listener() as listener:
        world = StripeWorld(stripe_program, listener, mode=request.param)
        yield world
        world.close()


def started(world: StripeWorld, attempt: Attempt | None = None) -> Attempt:
    attempt = attempt or new_attempt()
    step = world.gateway.start(attempt, world.account, f"{attempt.id}:create")
    return replace(attempt, external_id=step.external_id)


def approved(world: StripeWorld, scenario: str = "approve") -> Attempt:
    attempt = started(world)
    world.approve(attempt.external_id or "", scenario)
    return attempt


def captured(world: StripeWorld, scenario: str = "approve") -> tuple[Attempt, Entry]:
    attempt = approved(world, scenario)
    (receipt,) = world.gateway.capture(attempt, world.account, f"{attempt.id}:capture").entries
    return attempt, receipt


def kinds(snapshot: Snapshot) -> list[str]:
    return [entry.kind for entry in snapshot.entries]


def calls(world: StripeWorld, operation: str) -> list[dict[str, Any]]:
    """This seller's calls of an operation, as the sandbox saw them."""
    log = world.seller.http.get("/sandbox/calls", params={"operation": operation}).json()
    return [call for call in log if call["account_id"] == world.seller.account_id]


def ours(wire: list[Exchange]) -> list[Exchange]:
    return [exchange for exchange in wire if exchange[0].url.path.startswith(("/v1/", "/v2/"))]


# Over the wire.


def test_every_exchange_is_as_specified(stripe_sandbox: StripeWorld, wire: list[Exchange]):
    specification = stripe_specification()
    world = stripe_sandbox
    world.gateway.ensure_webhook(replace(world.account, webhook_secret=""), world.listener.url)
    attempt, receipt = captured(world)
    world.gateway.refund(attempt, world.account, receipt, Money(100, "EUR"), "refund")
    world.seller.control(f"sessions/{attempt.external_id}/dispute")
    world.gateway.fetch(attempt, world.account)
    for scenario in ("decline", "approve"):
        given_up = approved(world, scenario)
        world.gateway.release(given_up, world.account, "release")
    sent = {f"{request.method} {request.url.path.split('/')[-1][:7]}" for request, _ in ours(wire)}
    assert {"POST session", "POST capture", "POST refunds", "POST expire", "POST cancel"} <= sent
    assert {"GET refunds", "GET dispute", "GET account", "GET webhook"} <= sent
    for request, answer in ours(wire):
        if request.url.path != "/v1/account":  # not in the file
            check_exchange(specification, request, answer)


def test_what_a_checkout_asks_for(stripe_sandbox: StripeWorld):
    attempt = started(stripe_sandbox)
    (call,) = calls(stripe_sandbox, "create_session")
    assert read_form(call["body"]) == {
        "mode": "payment",
        "line_items": [
            {
                "quantity": "1",
                "price_data": {
                    "currency": "eur",
                    "unit_amount": "2550",
                    "product_data": {"name": "25 t, Sample wind farm, Taíba"},
                },
            }
        ],
        "client_reference_id": attempt.id,
        "metadata": {"payment": attempt.id, "order": "VC-7K3M-29QD"},
        "payment_intent_data": {
            "capture_method": "manual",
            "description": "VC-7K3M-29QD",
            "metadata": {"payment": attempt.id, "order": "VC-7K3M-29QD"},
        },
        "payment_method_types": ["card"],
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "adaptive_pricing": {"enabled": "false"},
        "expires_at": str(int((attempt.opened_at + timedelta(minutes=35)).timestamp())),
        "success_url": attempt.return_url,
        "cancel_url": attempt.cancel_url,
        "locale": "fr",
    }
    assert call["headers"]["Idempotency-Key"] == f"{attempt.id}:create"
    assert call["headers"]["Stripe-Version"] == API_VERSION


def test_nothing_is_told_of_this_machine(stripe_sandbox: StripeWorld):
    started(stripe_sandbox)
    (call,) = calls(stripe_sandbox, "create_session")
    assert call["headers"]["User-Agent"] == "voluntary-cancellation-platform"
    assert not [name for name in call["headers"] if name.lower().startswith("x-stripe")]


@pytest.mark.parametrize("minutes", [0, 24])
def test_the_hour_is_long_enough_as_long_as_the_call_may_be_repeated(
    stripe_sandbox: StripeWorld, minutes: int
):
    """Stripe counts its half hour from when it is asked, and the same key must always say the same."""
    opened_at = datetime.now(UTC) - timedelta(minutes=minutes)
    attempt = new_attempt(opened_at=opened_at, open_until=opened_at + timedelta(minutes=55))
    assert started(stripe_sandbox, attempt).external_id


@pytest.mark.parametrize(
    ("amount", "wanted"),
    [
        (Money(500_00, "EUR"), "automatic"),
        (Money(500_01, "EUR"), "any"),
        (Money(80_000, "JPY"), "automatic"),
        (Money(1, "KES"), "any"),
    ],
    ids=["at the limit", "above it", "no decimals", "unknown currency"],
)
def test_bank_is_always_asked_above_a_limit(amount: Money, wanted: str):
    assert three_d_secure(amount) == wanted


# Amounts.


@pytest.mark.parametrize(
    ("money", "number"),
    [
        (Money(1234, "EUR"), 1234),
        (Money(1234, "JPY"), 1234),
        (Money(1234, "ISK"), 123400),
        (Money(1234, "UGX"), 123400),
        (Money(123400, "HUF"), 123400),
        (Money(12340, "KWD"), 12340),
        (Money(1200, "MGA"), 12),
    ],
    ids=str,
)
def test_amounts_are_stripes_there_and_ours_back(money: Money, number: int):
    assert amount_out(money) == number
    assert amount_in(number, money.currency.lower()) == money


@pytest.mark.parametrize("money", [Money(12345, "KWD"), Money(1250, "MGA")], ids=str)
def test_amounts_that_stripe_cannot_charge_are_refused(money: Money):
    with pytest.raises(Refused, match="amount_not_supported"):
        amount_out(money)


@pytest.mark.parametrize(
    ("number", "currency"), [(True, "eur"), (1.5, "eur"), ("12", "eur"), (12, None), (12345, "isk")], ids=str
)
def test_no_amount_is_made_of_what_is_none(number: object, currency: object):
    with pytest.raises((TypeError, ValueError)):
        amount_in(number, currency)


def test_too_small_is_refused_for_good(stripe_sandbox: StripeWorld):
    with pytest.raises(Refused, match="amount_not_supported"):
        started(stripe_sandbox, new_attempt(Money(49, "EUR")))


# Whose account.


def test_the_line_with_a_key_of_ones_own_and_connected(either_mode: StripeWorld):
    attempt, receipt = captured(either_mode)
    snapshot = either_mode.gateway.refund(attempt, either_mode.account, receipt, receipt.amount, "back")
    assert (snapshot.payee, kinds(snapshot)) == (either_mode.account.external_id, ["receipt", "refund"])
    named = {call["headers"].get("Stripe-Account") for call in calls(either_mode, "create_session")}
    connected = either_mode.account.mode == "connect"
    assert named == ({either_mode.account.external_id} if connected else {None})


def test_key_of_another_account_opens_nothing(stripe_sandbox: StripeWorld):
    stripe_sandbox.account = replace(stripe_sandbox.account, external_id=new_account_id())
    with pytest.raises(PayeeProblem, match="wrong_account"):
        started(stripe_sandbox)
    assert calls(stripe_sandbox, "create_session") == []


def test_account_that_is_not_for_trying_out(stripe_sandbox: StripeWorld):
    attempt = approved(stripe_sandbox)
    real = replace(stripe_sandbox.account, livemode=True)
    assert stripe_sandbox.gateway.fetch(attempt, real).payee is None
    stripe_sandbox.account = real
    with pytest.raises(PayeeProblem, match="wrong_mode"):
        started(stripe_sandbox)


def test_refused_key_is_the_providers_problem(stripe_sandbox: StripeWorld):
    attempt = approved(stripe_sandbox)
    account = replace(stripe_sandbox.account, secret="rk_test_changed")
    for act in (
        lambda: stripe_sandbox.gateway.fetch(attempt, account),
        lambda: stripe_sandbox.gateway.start(new_attempt(), account, "key"),
        lambda: stripe_sandbox.gateway.ensure_webhook(account, "http://127.0.0.1:9/"),
    ):
        with pytest.raises(PayeeProblem, match="credentials_refused"):
            act()


def test_key_without_a_permission_is_the_providers_problem(stripe_sandbox: StripeWorld):
    attempt, receipt = captured(stripe_sandbox)
    stripe_sandbox.seller.control(
        "accounts",
        external_id=stripe_sandbox.seller.account_id,
        client_secret=stripe_sandbox.seller.key,
        permissions=["checkout_sessions", "account"],
    )
    with pytest.raises(PayeeProblem, match="permission_denied"):
        stripe_sandbox.gateway.refund(attempt, stripe_sandbox.account, receipt, receipt.amount, "key")


def test_account_that_may_not_be_charged(stripe_sandbox: StripeWorld):
    stripe_sandbox.seller.control(f"accounts/{stripe_sandbox.seller.account_id}", charges_enabled=False)
    with pytest.raises(PayeeProblem, match="account_invalid"):
        started(stripe_sandbox)


def test_connected_account_without_a_platform_key(stripe_program: Program, stripe_sandbox: StripeWorld):
    gateway = StripeGateway(stripe_program.url)
    with pytest.raises(PayeeProblem, match="no_platform_key"):
        gateway.start(new_attempt(), replace(stripe_sandbox.account, mode="connect"), "key")
    gateway.close()


def test_unknown_mode_is_a_defect(stripe_sandbox: StripeWorld):
    with pytest.raises(ValueError, match="'own_app'"):
        stripe_sandbox.gateway.start(new_attempt(), replace(stripe_sandbox.account, mode="own_app"), "key")


# Approving, releasing.


@pytest.mark.parametrize("scenario", ["decline", "insufficient_funds"])
def test_declined_card_waits_for_another(stripe_sandbox: StripeWorld, scenario: str):
    attempt = approved(stripe_sandbox, scenario)
    snapshot = stripe_sandbox.gateway.fetch(attempt, stripe_sandbox.account)
    assert (snapshot.state, snapshot.entries) == (PayState.STARTED, ())
    assert snapshot.redirect_url


def test_session_that_nobody_paid_expires(stripe_sandbox: StripeWorld):
    attempt = started(stripe_sandbox)
    stripe_sandbox.seller.control(f"sessions/{attempt.external_id}/expire")
    snapshot = stripe_sandbox.gateway.fetch(attempt, stripe_sandbox.account)
    assert (snapshot.state, snapshot.reason, snapshot.redirect_url) == (PayState.EXPIRED, "unfinished", None)


def test_released_session_cannot_be_paid(stripe_sandbox: StripeWorld):
    attempt = started(stripe_sandbox)
    snapshot = stripe_sandbox.gateway.release(attempt, stripe_sandbox.account, "release")
    assert (snapshot.state, snapshot.reason) == (PayState.EXPIRED, "unfinished")
    stripe_sandbox.approve(attempt.external_id or "")
    assert stripe_sandbox.gateway.fetch(attempt, stripe_sandbox.account).state is PayState.EXPIRED


def test_released_approval_cannot_be_captured(stripe_sandbox: StripeWorld):
    attempt = approved(stripe_sandbox)
    for _ in range(2):
        snapshot = stripe_sandbox.gateway.release(attempt, stripe_sandbox.account, "release")
        assert (snapshot.state, snapshot.reason) == (PayState.EXPIRED, "released")
    assert stripe_sandbox.gateway.capture(attempt, stripe_sandbox.account, "key").state is PayState.EXPIRED


def test_what_is_captured_is_not_released(stripe_sandbox: StripeWorld):
    attempt, receipt = captured(stripe_sandbox)
    snapshot = stripe_sandbox.gateway.release(attempt, stripe_sandbox.account, "release")
    assert (snapshot.state, snapshot.entries) == (PayState.CAPTURED, (receipt,))


def test_what_was_forgotten_is_not_released(stripe_sandbox: StripeWorld):
    attempt = started(stripe_sandbox)
    stripe_sandbox.forget(attempt.external_id or "")
    snapshot = stripe_sandbox.gateway.release(attempt, stripe_sandbox.account, "release")
    assert snapshot == Snapshot(PayState.EXPIRED, reason="forgotten")


# Failures that Stripe remembers.


@pytest.mark.parametrize("acted", [True, False], ids=["acted", "not acted"])
@pytest.mark.parametrize("operation", ["start", "capture", "refund", "release"])
def test_remembered_failure_does_not_block_for_a_day(
    stripe_sandbox: StripeWorld, operation: str, acted: bool
):
    world = stripe_sandbox
    attempt = approved(world)
    (receipt,) = (
        world.gateway.capture(attempt, world.account, "take").entries if operation == "refund" else (None,)
    )
    fresh = new_attempt()
    acts: dict[str, Any] = {
        "start": lambda: world.gateway.start(fresh, world.account, fresh.id),
        "capture": lambda: world.gateway.capture(attempt, world.account, attempt.id),
        "refund": lambda: world.gateway.refund(
            attempt, world.account, receipt, Money(100, "EUR"), attempt.id
        ),
        "release": lambda: world.gateway.release(attempt, world.account, attempt.id),
    }
    world.fault(operation, "error_500_after" if acted else "error_500")
    with pytest.raises(OutcomeUnknown, match="server_error"):
        acts[operation]()
    done = acts[operation]()
    if operation == "start":
        assert world.gateway.fetch(replace(fresh, external_id=done.external_id), world.account).state is (
            PayState.STARTED
        )
    elif operation == "refund":
        assert kinds(done) == ["receipt", "refund"]
    else:
        assert done.state is (PayState.CAPTURED if operation == "capture" else PayState.EXPIRED)


def test_key_that_is_in_use_is_only_early(stripe_sandbox: StripeWorld):
    attempt = approved(stripe_sandbox)
    stripe_sandbox.fault("capture", "key_in_use")
    with pytest.raises(TryAgain, match="in_progress"):
        stripe_sandbox.gateway.capture(attempt, stripe_sandbox.account, "key")
    assert stripe_sandbox.gateway.capture(attempt, stripe_sandbox.account, "key").state is PayState.CAPTURED


def test_unreadable_answer_to_a_look_is_harmless(stripe_sandbox: StripeWorld):
    attempt = started(stripe_sandbox)
    stripe_sandbox.fault("fetch", "malformed")
    with pytest.raises(TryAgain, match="unreadable"):
        stripe_sandbox.gateway.fetch(attempt, stripe_sandbox.account)


def test_unreadable_answer_to_a_capture_is_unknown(stripe_sandbox: StripeWorld):
    attempt = approved(stripe_sandbox)
    stripe_sandbox.fault("capture", "malformed")
    with pytest.raises(OutcomeUnknown, match="unreadable"):
        stripe_sandbox.gateway.capture(attempt, stripe_sandbox.account, "key")
    assert stripe_sandbox.gateway.capture(attempt, stripe_sandbox.account, "key").state is PayState.CAPTURED


def test_nobody_at_home():
    gateway = StripeGateway(f"http://127.0.0.1:{free_port()}", "key")
    world_less = replace(new_attempt(), external_id="cs_test_1")
    account = PayeeAccount("a", "stripe", "own_key", "acct_1", "", "rk_test_1")
    with pytest.raises(TryAgain, match="stripe_unavailable"):
        gateway.fetch(world_less, account)
    gateway.close()


# Money that comes later, goes back, is taken back.


def test_refund_under_way_is_no_entry_yet(stripe_sandbox: StripeWorld):
    attempt, receipt = captured(stripe_sandbox, "refund_pending")

    def refund() -> Snapshot:
        return stripe_sandbox.gateway.refund(
            attempt, stripe_sandbox.account, receipt, receipt.amount, f"{attempt.id}:refund"
        )

    assert kinds(refund()) == ["receipt"]
    # A day later Stripe knows the key no more; the refund does.
    stripe_sandbox.seller.http.delete("/sandbox/calls")
    (found,) = [
        charge["refunds"]
        for charge in stripe_sandbox.seller.http.get("/sandbox/charges").json()
        if charge["id"] == receipt.external_id
    ]
    assert kinds(refund()) == ["receipt"]
    assert calls(stripe_sandbox, "refund") == []
    stripe_sandbox.seller.control(f"refunds/{found[0]['id']}/succeeded")
    assert kinds(refund()) == ["receipt", "refund"]


def test_refund_that_fails_comes_back_and_is_the_providers_problem(stripe_sandbox: StripeWorld):
    attempt, receipt = captured(stripe_sandbox)
    key = f"{attempt.id}:refund"
    stripe_sandbox.gateway.refund(attempt, stripe_sandbox.account, receipt, receipt.amount, key)
    (charge,) = [
        charge
        for charge in stripe_sandbox.seller.http.get("/sandbox/charges").json()
        if charge["id"] == receipt.external_id
    ]
    stripe_sandbox.seller.control(f"refunds/{charge['refunds'][0]['id']}/failed")
    snapshot = stripe_sandbox.gateway.fetch(attempt, stripe_sandbox.account)
    assert kinds(snapshot) == ["receipt", "refund", "refund_failed"]
    with pytest.raises(PayeeProblem, match="refund_failed"):
        stripe_sandbox.gateway.refund(attempt, stripe_sandbox.account, receipt, receipt.amount, key)


def test_refund_in_another_currency_is_refused_before_anybody_is_asked(stripe_sandbox: StripeWorld):
    attempt, receipt = captured(stripe_sandbox)
    with pytest.raises(Refused, match="refund_capture_currency_mismatch"):
        stripe_sandbox.gateway.refund(attempt, stripe_sandbox.account, receipt, Money(1, "USD"), "key")
    assert calls(stripe_sandbox, "refund") == []


@pytest.mark.parametrize(
    ("end", "entries"),
    [
        (None, ["receipt", "chargeback"]),
        ("lost", ["receipt", "chargeback"]),
        ("won", ["receipt", "chargeback", "chargeback_won"]),
    ],
    ids=["open", "lost", "won"],
)
def test_dispute_takes_the_money_until_it_is_won(
    stripe_sandbox: StripeWorld, end: str | None, entries: list[str]
):
    attempt, receipt = captured(stripe_sandbox)
    dispute = stripe_sandbox.seller.control(f"sessions/{attempt.external_id}/dispute")
    if end:
        stripe_sandbox.seller.control(f"disputes/{dispute['id']}/close", status=end)
    snapshot = stripe_sandbox.gateway.fetch(attempt, stripe_sandbox.account)
    assert (snapshot.state, kinds(snapshot)) == (PayState.CAPTURED, entries)
    assert {entry.amount for entry in snapshot.entries} == {receipt.amount}
    if end is None:
        with pytest.raises(PayeeProblem, match="disputed"):
            stripe_sandbox.gateway.refund(attempt, stripe_sandbox.account, receipt, receipt.amount, "key")


def test_inquiry_moves_no_money(stripe_sandbox: StripeWorld):
    attempt, receipt = captured(stripe_sandbox)
    stripe_sandbox.seller.control(f"sessions/{attempt.external_id}/dispute", status="warning_needs_response")
    assert stripe_sandbox.gateway.fetch(attempt, stripe_sandbox.account).entries == (receipt,)


# Endpoints.


def test_endpoint_is_made_once_and_again_only_without_its_secret(stripe_sandbox: StripeWorld):
    world, url = stripe_sandbox, stripe_sandbox.listener.url
    assert world.gateway.ensure_webhook(world.account, url).id == world.account.webhook_id
    other = world.gateway.ensure_webhook(replace(world.account, webhook_secret=""), url)
    assert other.secret.startswith("whsec_")
    listed = world.seller.api.get("/v1/webhook_endpoints").json()["data"]
    assert [(each["id"], each["url"]) for each in listed] == [(other.id, url)]
    assert set(listed[0]["enabled_events"]) == set(EVENTS)
    assert listed[0]["api_version"] == API_VERSION


def test_endpoints_of_others_are_left_alone(stripe_sandbox: StripeWorld):
    own = stripe_sandbox.seller.hear("http://127.0.0.1:9/of-the-provider")["id"]
    stripe_sandbox.gateway.ensure_webhook(
        replace(stripe_sandbox.account, webhook_secret=""), stripe_sandbox.listener.url
    )
    listed = stripe_sandbox.seller.api.get("/v1/webhook_endpoints").json()["data"]
    assert own in {each["id"] for each in listed}


def test_connected_accounts_need_the_platforms_endpoint(stripe_program: Program, stripe_sandbox: StripeWorld):
    account = replace(stripe_sandbox.account, mode="connect")
    with pytest.raises(Refused, match="connect_webhook_missing"):
        stripe_sandbox.gateway.ensure_webhook(account, "http://127.0.0.1:9/nowhere")


# Onboarding.


def test_provider_is_led_in(stripe_sandbox: StripeWorld, wire: list[Exchange]):
    onboarding = stripe_sandbox.gateway.onboarding
    account_id = onboarding.create(name="Sample Ltd", country="BR", email="s@example.org", key="make")
    assert onboarding.create(name="Sample Ltd", country="BR", email="s@example.org", key="make") == account_id
    assert (onboarding.readiness(account_id).status, onboarding.readiness(account_id).ready) == (
        "restricted",
        False,
    )
    link = onboarding.link(
        account_id, return_url="http://127.0.0.1:9/back", refresh_url="http://127.0.0.1:9/again", key="link"
    )
    assert stripe_sandbox.seller.http.post(link).status_code == 303
    assert onboarding.readiness(account_id).ready
    (asked, _) = next(e for e in wire if e[0].url.path == "/v2/core/accounts")
    assert b'"fees_collector": "stripe", "losses_collector": "stripe"' in asked.content


# Words.


@pytest.mark.parametrize(
    ("code", "status", "kind", "ours"),
    [
        ("card_declined", 402, Declined, "declined"),
        ("a_new_decline", 402, Declined, "declined"),
        ("charge_disputed", 400, PayeeProblem, "disputed"),
        ("lock_timeout", 400, TryAgain, "in_progress"),
        ("anything", 409, TryAgain, "in_progress"),
        ("anything", 401, PayeeProblem, "credentials_refused"),
        ("anything", 403, PayeeProblem, "permission_denied"),
        ("amount_too_large", 400, Refused, "amount_not_supported"),
        ("parameter_unknown", 400, Refused, "parameter_unknown"),
    ],
)
def test_errors_are_ours(code: str, status: int, kind: type, ours: str):
    error = error_of(code, status)
    assert (type(error), error.code) == (kind, ours)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "odd"},
        {"status": None},
        {"amount_total": None},
        {"currency": "euro"},
        {"status": "complete", "payment_intent": None},
        {"status": "complete", "payment_intent": {"status": "odd"}},
        {"status": "complete", "payment_intent": {"status": "succeeded", "latest_charge": None}},
    ],
    ids=["status", "no status", "amount", "currency", "no intent", "intent", "no charge"],
)
def test_odd_session_is_unreadable(change: dict[str, Any]):
    session = {
        "status": "open",
        "amount_total": 100,
        "currency": "eur",
        "client_reference_id": "p",
        "url": "http://x",
        "payment_intent": None,
    }
    assert snapshot_of(session, "acct_1", (), ()).state is PayState.STARTED
    with pytest.raises(Unreadable):
        snapshot_of(session | change, "acct_1", (), ())


def test_no_key_is_ever_logged(stripe_sandbox: StripeWorld, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    captured(stripe_sandbox)
    assert stripe_sandbox.seller.key not in caplog.text
    assert stripe_sandbox.account.webhook_secret not in caplog.text
    assert stripe_sandbox.seller.key not in repr(stripe_sandbox.account)
    assert stripe_sandbox.account.webhook_secret not in repr(stripe_sandbox.account)
