"""What is Mollie's alone: what goes over the wire, whose token, its words, and what comes later."""

import json
import logging
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.gateways.interface import (
    Applicant,
    Attempt,
    Entry,
    NotificationRefused,
    OnlyByHand,
    PayeeProblem,
    PayState,
    Snapshot,
)
from app.integrations.gateways.mollie import MollieGateway
from app.money import Money
from tests.integrations.gateways.worlds import MollieWorld, new_attempt, now
from tests.neighbours import free_port
from tests.sandbox.mollie.seller import Seller


def started(world: MollieWorld, attempt: Attempt | None = None) -> Attempt:
    attempt = attempt or new_attempt()
    step = world.gateway.start(attempt, world.account, f"{attempt.id}:create")
    return replace(attempt, external_id=step.external_id)


def approved(world: MollieWorld, scenario: str = "approve") -> Attempt:
    attempt = started(world)
    world.seller.control(f"payments/{attempt.external_id}/pay", scenario=scenario)
    return attempt


def captured(world: MollieWorld, scenario: str = "approve") -> tuple[Attempt, Entry]:
    attempt = approved(world, scenario)
    (receipt,) = world.gateway.capture(attempt, world.account, f"{attempt.id}:capture").entries
    return attempt, receipt


def kinds(snapshot: Snapshot) -> list[str]:
    return [entry.kind for entry in snapshot.entries]


def calls(world: MollieWorld, operation: str) -> list[dict[str, Any]]:
    """Bodies of what this world's seller was asked for."""
    found = world.seller.http.get("/sandbox/calls", params={"operation": operation}).json()
    own = [call for call in found if call["organisation_id"] == world.seller.organisation_id]
    return [json.loads(call["body"]) | {"key": call["headers"].get("Idempotency-Key")} for call in own]


def test_what_a_payment_asks_for(mollie_sandbox: MollieWorld):
    attempt = started(mollie_sandbox)
    assert calls(mollie_sandbox, "create_payment") == [
        {
            "amount": {"currency": "EUR", "value": "25.50"},
            "description": "25 t, Sample wind farm, Taíba",
            "redirectUrl": attempt.return_url,
            "cancelUrl": attempt.cancel_url,
            "method": "creditcard",
            "captureMode": "manual",
            "metadata": {"payment": attempt.id, "order": "VC-7K3M-29QD"},
            "profileId": mollie_sandbox.seller.profile_id,
            "locale": "fr_FR",
            "testmode": True,
            "key": f"{attempt.id}:create",
        }
    ]


@pytest.mark.parametrize(
    ("amount", "value"),
    [
        (Money(2550, "EUR"), "25.50"),
        (Money(2500, "JPY"), "2500"),
        (Money(5, "ISK"), "5"),
        (Money(7, "HUF"), "0.07"),
    ],
    ids=str,
)
def test_decimals_are_those_of_the_currency(mollie_sandbox: MollieWorld, amount: Money, value: str):
    attempt = started(mollie_sandbox, new_attempt(amount))
    (asked,) = calls(mollie_sandbox, "create_payment")
    assert asked["amount"] == {"currency": amount.currency, "value": value}
    assert mollie_sandbox.gateway.fetch(attempt, mollie_sandbox.account).amount == amount


def test_currency_that_cards_do_not_have_is_refused_for_good(mollie_sandbox: MollieWorld):
    with pytest.raises(Refused) as refusal:
        started(mollie_sandbox, new_attempt(Money(12345, "KWD")))
    assert (type(refusal.value), refusal.value.code) == (Refused, "amount_not_supported")


def test_token_of_another_organisation_opens_nothing(mollie_sandbox: MollieWorld):
    account = replace(mollie_sandbox.account, external_id="org_1")
    for ask in (
        lambda: mollie_sandbox.gateway.start(new_attempt(), account, "key"),
        lambda: mollie_sandbox.gateway.probe(account, "key"),
    ):
        with pytest.raises(PayeeProblem) as refusal:
            ask()
        assert refusal.value.code == "wrong_account"
    assert calls(mollie_sandbox, "create_payment") == []


def test_token_that_is_not_known_is_the_providers_problem(mollie_sandbox: MollieWorld):
    account = replace(mollie_sandbox.account, secret="access_nobody")
    with pytest.raises(PayeeProblem) as refusal:
        mollie_sandbox.gateway.start(new_attempt(), account, "key")
    assert refusal.value.code == "credentials_refused"


def test_profile_of_somebody_else_is_the_providers_problem(mollie_sandbox: MollieWorld):
    account = replace(mollie_sandbox.account, client_id="pfl_other")
    with pytest.raises(PayeeProblem) as refusal:
        mollie_sandbox.gateway.start(new_attempt(), account, "key")
    assert refusal.value.code == "wrong_account"


def test_money_in_another_profile_or_mode_is_not_the_providers(mollie_sandbox: MollieWorld):
    attempt = approved(mollie_sandbox)
    elsewhere = mollie_sandbox.gateway.fetch(attempt, replace(mollie_sandbox.account, client_id="pfl_other"))
    assert elsewhere.payee is None
    live = mollie_sandbox.gateway.fetch(attempt, replace(mollie_sandbox.account, livemode=True))
    assert live == Snapshot(PayState.EXPIRED, reason="forgotten")


def test_unknown_mode_is_a_defect(mollie_sandbox: MollieWorld):
    with pytest.raises(ValueError, match="'connect'"):
        mollie_sandbox.gateway.start(new_attempt(), replace(mollie_sandbox.account, mode="connect"), "key")


def test_probe_says_whose_account_it_is(mollie_sandbox: MollieWorld):
    report = mollie_sandbox.gateway.probe(mollie_sandbox.account, "key")
    assert (report.external_id, report.livemode) == (mollie_sandbox.seller.organisation_id, False)
    assert calls(mollie_sandbox, "create_payment") == []


def test_profile_without_cards_cannot_be_paid(mollie_sandbox: MollieWorld):
    seller = mollie_sandbox.seller
    account = {"client_id": seller.profile_id, "client_secret": seller.token, "cards": "pending-review"}
    seller.control("organisations", external_id=seller.organisation_id, **account)
    for ask in (
        lambda: mollie_sandbox.gateway.probe(mollie_sandbox.account, "key"),
        lambda: mollie_sandbox.gateway.start(new_attempt(), mollie_sandbox.account, "key"),
    ):
        with pytest.raises(PayeeProblem) as refusal:
            ask()
        assert refusal.value.code == "not_enabled"


def test_a_provider_brings_a_token(mollie_sandbox: MollieWorld):
    with pytest.raises(OnlyByHand):
        mollie_sandbox.gateway.lead_in(
            mollie_sandbox.account, Applicant("Sample", "NL", "a@example.org"), "http://127.0.0.1:9/", "key"
        )


@pytest.mark.parametrize(
    ("scenario", "state", "reason"),
    [
        ("cancel", PayState.EXPIRED, "unfinished"),
        ("decline", PayState.FAILED, "declined"),
        ("insufficient_funds", PayState.FAILED, "declined"),
        ("pending", PayState.PENDING, "unconfirmed"),
    ],
)
def test_what_comes_of_the_page(mollie_sandbox: MollieWorld, scenario: str, state: PayState, reason: str):
    snapshot = mollie_sandbox.gateway.fetch(approved(mollie_sandbox, scenario), mollie_sandbox.account)
    assert (snapshot.state, snapshot.reason, snapshot.entries) == (state, reason, ())


def test_bank_that_says_yes_or_no_later(mollie_sandbox: MollieWorld):
    for what, state in (("authorize", PayState.AUTHORIZED), ("fail", PayState.FAILED)):
        attempt = approved(mollie_sandbox, "pending")
        mollie_sandbox.seller.control(f"payments/{attempt.external_id}/{what}")
        assert mollie_sandbox.gateway.fetch(attempt, mollie_sandbox.account).state is state


def test_page_that_nobody_paid_on_expires(mollie_sandbox: MollieWorld):
    attempt = started(mollie_sandbox)
    mollie_sandbox.seller.control(f"payments/{attempt.external_id}/expire")
    snapshot = mollie_sandbox.gateway.fetch(attempt, mollie_sandbox.account)
    assert (snapshot.state, snapshot.reason) == (PayState.EXPIRED, "unfinished")


@pytest.mark.parametrize(("scenario", "reason"), [(None, "unfinished"), ("approve", "released")])
def test_released_one_cannot_be_captured(mollie_sandbox: MollieWorld, scenario: str | None, reason: str):
    attempt = approved(mollie_sandbox, scenario) if scenario else started(mollie_sandbox)
    snapshot = mollie_sandbox.gateway.release(attempt, mollie_sandbox.account, f"{attempt.id}:release")
    assert (snapshot.state, snapshot.reason) == (PayState.EXPIRED, reason)
    assert mollie_sandbox.gateway.capture(attempt, mollie_sandbox.account, "key") == snapshot


def test_what_is_captured_or_forgotten_is_not_released(mollie_sandbox: MollieWorld):
    attempt, _receipt = captured(mollie_sandbox)
    kept = mollie_sandbox.gateway.release(attempt, mollie_sandbox.account, f"{attempt.id}:release")
    assert (kept.state, kinds(kept)) == (PayState.CAPTURED, ["receipt"])
    mollie_sandbox.forget(attempt.external_id or "")
    gone = mollie_sandbox.gateway.release(attempt, mollie_sandbox.account, f"{attempt.id}:release")
    assert gone == Snapshot(PayState.EXPIRED, reason="forgotten")


@pytest.mark.parametrize("acted", [True, False])
def test_lost_answer_to_release(mollie_sandbox: MollieWorld, acted: bool):
    attempt = approved(mollie_sandbox)
    mollie_sandbox.lose_answer("release", acted=acted)
    with pytest.raises(OutcomeUnknown):
        mollie_sandbox.gateway.release(attempt, mollie_sandbox.account, f"{attempt.id}:release")
    after = mollie_sandbox.gateway.release(attempt, mollie_sandbox.account, f"{attempt.id}:release")
    assert after.state is PayState.EXPIRED


def test_somebody_else_was_quicker_to_capture(mollie_sandbox: MollieWorld, monkeypatch: pytest.MonkeyPatch):
    attempt = approved(mollie_sandbox)
    seen = mollie_sandbox.gateway.fetch(attempt, mollie_sandbox.account)
    first = mollie_sandbox.gateway.capture(attempt, mollie_sandbox.account, "one worker")
    real, answers = mollie_sandbox.gateway.fetch, iter([seen])  # as the other one saw it a moment before
    monkeypatch.setattr(mollie_sandbox.gateway, "fetch", lambda *asked: next(answers, None) or real(*asked))
    assert mollie_sandbox.gateway.capture(attempt, mollie_sandbox.account, "another worker") == first
    assert len(calls(mollie_sandbox, "create_capture")) == 2


def test_capture_is_asked_for_once_while_it_is_under_way(mollie_sandbox: MollieWorld):
    attempt = approved(mollie_sandbox, "capture_waits")
    for key in ("first", "second"):
        assert mollie_sandbox.gateway.capture(attempt, mollie_sandbox.account, key).state is PayState.PENDING
    assert len(calls(mollie_sandbox, "create_capture")) == 1


def test_call_that_is_under_way_is_only_early(mollie_sandbox: MollieWorld):
    attempt = approved(mollie_sandbox)
    mollie_sandbox.fault("capture", "conflict")
    with pytest.raises(TryAgain) as asked:
        mollie_sandbox.gateway.capture(attempt, mollie_sandbox.account, "key")
    assert asked.value.code == "in_progress"


@pytest.mark.parametrize(("operation", "kind"), [("fetch", TryAgain), ("start", OutcomeUnknown)])
def test_unreadable_answers(mollie_sandbox: MollieWorld, operation: str, kind: type[Exception]):
    attempt = approved(mollie_sandbox)
    mollie_sandbox.fault(operation, "malformed")
    act = {
        "fetch": lambda: mollie_sandbox.gateway.fetch(attempt, mollie_sandbox.account),
        "start": lambda: started(mollie_sandbox),
    }[operation]
    with pytest.raises(kind):
        act()


def test_nobody_at_home(mollie_sandbox: MollieWorld):
    gateway = MollieGateway(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(TryAgain):
        gateway.start(new_attempt(), mollie_sandbox.account, "key")
    gateway.close()


# Money that goes back.


def test_refund_under_way_is_no_entry_yet(mollie_sandbox: MollieWorld):
    attempt, receipt = captured(mollie_sandbox, "refund_pending")
    for _again in range(2):
        asked = mollie_sandbox.gateway.refund(attempt, mollie_sandbox.account, receipt, receipt.amount, "key")
        assert kinds(asked) == ["receipt"]
    (refund,) = mollie_sandbox.seller.call(
        "GET", f"/v2/payments/{attempt.external_id}", {"embed": "refunds"}
    ).json()["_embedded"]["refunds"]
    mollie_sandbox.seller.control(f"refunds/{refund['id']}/refunded")
    assert kinds(mollie_sandbox.gateway.fetch(attempt, mollie_sandbox.account)) == ["receipt", "refund"]


def test_refund_that_fails_comes_back_and_is_the_providers_problem(mollie_sandbox: MollieWorld):
    attempt, receipt = captured(mollie_sandbox)
    done = mollie_sandbox.gateway.refund(attempt, mollie_sandbox.account, receipt, receipt.amount, "key")
    mollie_sandbox.seller.control(f"refunds/{done.entries[1].external_id}/failed")
    after = mollie_sandbox.gateway.fetch(attempt, mollie_sandbox.account)
    assert kinds(after) == ["receipt", "refund", "refund_failed"]
    with pytest.raises(PayeeProblem) as refusal:
        mollie_sandbox.gateway.refund(attempt, mollie_sandbox.account, receipt, receipt.amount, "key")
    assert refusal.value.code == "refund_failed"


def test_refund_is_found_when_mollie_has_forgotten_the_key(mollie_sandbox: MollieWorld):
    attempt, receipt = captured(mollie_sandbox)
    part = Money(100, "EUR")
    first = mollie_sandbox.gateway.refund(attempt, mollie_sandbox.account, receipt, part, "key")
    mollie_sandbox.seller.control("clock", forward_seconds=2 * 3600)
    assert mollie_sandbox.gateway.refund(attempt, mollie_sandbox.account, receipt, part, "key") == first


def test_refund_in_another_currency_is_refused_before_anybody_is_asked(mollie_sandbox: MollieWorld):
    attempt, receipt = captured(mollie_sandbox)
    with pytest.raises(Refused) as refusal:
        mollie_sandbox.gateway.refund(attempt, mollie_sandbox.account, receipt, Money(1, "USD"), "key")
    assert refusal.value.code == "refund_capture_currency_mismatch"
    assert calls(mollie_sandbox, "create_refund") == []


def test_chargeback_takes_the_money_until_it_is_reversed(mollie_sandbox: MollieWorld):
    attempt, _receipt = captured(mollie_sandbox)
    mollie_sandbox.seller.control(f"payments/{attempt.external_id}/chargeback")
    assert kinds(mollie_sandbox.gateway.fetch(attempt, mollie_sandbox.account)) == ["receipt", "chargeback"]
    mollie_sandbox.seller.control(f"payments/{attempt.external_id}/reverse-chargeback")
    won = mollie_sandbox.gateway.fetch(attempt, mollie_sandbox.account)
    assert kinds(won) == ["receipt", "chargeback", "chargeback_won"]
    assert won.state is PayState.CAPTURED


# Notifications.


def test_webhook_is_made_once_and_again_only_without_its_secret(mollie_sandbox: MollieWorld):
    gateway, account, url = mollie_sandbox.gateway, mollie_sandbox.account, mollie_sandbox.listener.url
    kept = gateway.ensure_webhook(account, url)
    assert (kept.id, kept.secret) == (account.webhook_id, account.webhook_secret)
    other = gateway.ensure_webhook(account, f"{url}/other")
    fresh = gateway.ensure_webhook(replace(account, webhook_secret=""), url)
    assert fresh.id != account.webhook_id
    assert fresh.secret not in ("", account.webhook_secret)
    listed = mollie_sandbox.seller.call("GET", "/v2/webhooks").json()["_embedded"]["webhooks"]
    assert {webhook["id"] for webhook in listed} == {other.id, fresh.id}


def test_refund_and_chargeback_name_their_payment(mollie_sandbox: MollieWorld):
    attempt, receipt = captured(mollie_sandbox)
    mollie_sandbox.gateway.refund(attempt, mollie_sandbox.account, receipt, Money(100, "EUR"), "key")
    mollie_sandbox.seller.control(f"payments/{attempt.external_id}/chargeback")
    wanted = {"refund.refunded", "chargeback.received"}
    while wanted:
        request = mollie_sandbox.listener.take()
        hint = mollie_sandbox.gateway.verify(request.content, request.headers, mollie_sandbox.account, now())
        assert attempt.external_id in hint.external_ids
        wanted.discard(hint.event_type)


def test_account_that_was_never_registered_hears_of_nothing(mollie_sandbox: MollieWorld):
    raw, headers = mollie_sandbox.notification(approved(mollie_sandbox).external_id or "")
    for account, code in (
        (replace(mollie_sandbox.account, webhook_secret=""), "no_secret"),
        (replace(mollie_sandbox.account, livemode=True), "livemode"),
    ):
        with pytest.raises(NotificationRefused) as refusal:
            mollie_sandbox.gateway.verify(raw, headers, account, now())
        assert refusal.value.code == code


@pytest.mark.parametrize("header", ["sha256=", "sha256", "sha256=" + "0" * 64, "é", "0"])
def test_header_that_is_no_signature(mollie_sandbox: MollieWorld, header: str):
    with pytest.raises(NotificationRefused) as refusal:
        mollie_sandbox.gateway.verify(b"{}", {"X-Mollie-Signature": header}, mollie_sandbox.account, now())
    assert refusal.value.code == "bad_signature"


def test_forged_notification_of_the_sandbox_is_refused(mollie_sandbox: MollieWorld):
    raw, headers = mollie_sandbox.notification(approved(mollie_sandbox, "forged").external_id or "")
    with pytest.raises(NotificationRefused) as refusal:
        mollie_sandbox.gateway.verify(raw, headers, mollie_sandbox.account, now())
    assert refusal.value.code == "bad_signature"


def test_no_token_is_ever_logged(mollie_sandbox: MollieWorld, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        captured(mollie_sandbox)
    assert "mollie POST /v2/payments: 201" in caplog.text
    assert mollie_sandbox.seller.token not in caplog.text
    assert mollie_sandbox.seller.token not in repr(mollie_sandbox.account)


def test_two_sellers_see_nothing_of_each_other(mollie_sandbox: MollieWorld):
    other = Seller(mollie_sandbox.program.url)
    attempt = started(mollie_sandbox)
    assert other.call("GET", f"/v2/payments/{attempt.external_id}").status_code == httpx.codes.NOT_FOUND
    other.close()
