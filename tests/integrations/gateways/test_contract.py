"""What every payment gateway must do, held to the fake and to the adapters with their sandboxes."""

from dataclasses import replace

import pytest

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.gateways.interface import (
    Attempt,
    Declined,
    Entry,
    NotificationRefused,
    PayeeProblem,
    PayState,
    Snapshot,
)
from app.money import Money
from tests.integrations.gateways.worlds import World, new_attempt, now


def started(world: World, amount: Money | None = None) -> Attempt:
    attempt = new_attempt(amount)
    step = world.gateway.start(attempt, world.account, f"{attempt.id}:create")
    return replace(attempt, external_id=step.external_id)


def approved(world: World, outcome: str = "approve") -> Attempt:
    attempt = started(world)
    world.approve(attempt.external_id, outcome)
    return attempt


def fetch(world: World, attempt: Attempt) -> Snapshot:
    return world.gateway.fetch(attempt, world.account)


def capture(world: World, attempt: Attempt, key: str = "") -> Snapshot:
    return world.gateway.capture(attempt, world.account, key or f"{attempt.id}:capture")


def receipts(snapshot: Snapshot) -> list[Entry]:
    return [entry for entry in snapshot.entries if entry.kind == "receipt"]


def test_started_attempt_waits_for_the_buyer(world: World):
    attempt = new_attempt()
    step = world.gateway.start(attempt, world.account, "key-" + attempt.id)
    assert step.redirect_url.startswith("http")
    snapshot = fetch(world, replace(attempt, external_id=step.external_id))
    assert (snapshot.state, snapshot.entries, snapshot.reason) == (PayState.STARTED, (), None)
    assert snapshot.redirect_url == step.redirect_url


def test_snapshot_says_what_who_and_which(world: World):
    snapshot = fetch(world, attempt := started(world))
    assert snapshot.amount == attempt.amount
    assert snapshot.payee == world.account.external_id
    assert snapshot.reference == attempt.id


@pytest.mark.parametrize(
    "amount", [Money(50, "EUR"), Money(2500, "JPY"), Money(120000, "HUF"), Money(1990, "USD")]
)
def test_amount_comes_back_to_the_letter(world: World, amount: Money):
    attempt = started(world, amount)
    world.approve(attempt.external_id)
    snapshot = capture(world, attempt)
    assert snapshot.amount == amount
    assert [entry.amount for entry in snapshot.entries] == [amount]


def test_same_key_starts_one_checkout(world: World):
    attempt = new_attempt()
    first = world.gateway.start(attempt, world.account, attempt.id)
    assert world.gateway.start(attempt, world.account, attempt.id) == first


def test_checkout_that_is_approved_leads_back(asks_at_capture: World):
    attempt = approved(asks_at_capture)
    again = asks_at_capture.gateway.start(attempt, asks_at_capture.account, f"{attempt.id}:create")
    assert (again.external_id, again.redirect_url) == (attempt.external_id, attempt.return_url)


def test_approved_is_not_paid(world: World):
    snapshot = fetch(world, approved(world))
    assert (snapshot.state, snapshot.entries, snapshot.redirect_url) == (PayState.AUTHORIZED, (), None)


def test_capture_takes_the_money_once(world: World):
    attempt = approved(world)
    first = capture(world, attempt)
    assert first.state is PayState.CAPTURED
    (receipt,) = first.entries
    assert (receipt.kind, receipt.amount, receipt.at.tzinfo is not None) == ("receipt", attempt.amount, True)
    assert capture(world, attempt) == capture(world, attempt, "another key") == fetch(world, attempt) == first


def test_nothing_is_taken_before_the_buyer_agrees(world: World):
    attempt = started(world)
    snapshot = capture(world, attempt)
    assert (snapshot.state, snapshot.entries) == (PayState.STARTED, ())


def test_declined_buyer_may_try_again(asks_at_capture: World):
    attempt = approved(asks_at_capture, "decline")
    with pytest.raises(Declined) as refusal:
        capture(asks_at_capture, attempt)
    assert refusal.value.code == "declined"
    assert fetch(asks_at_capture, attempt).state is PayState.STARTED
    asks_at_capture.approve(attempt.external_id)
    assert capture(asks_at_capture, attempt).state is PayState.CAPTURED


def test_payee_without_consent(asks_at_capture: World):
    attempt = approved(asks_at_capture, "no_consent")
    with pytest.raises(PayeeProblem) as refusal:
        capture(asks_at_capture, attempt)
    assert refusal.value.code == "no_consent"
    assert fetch(asks_at_capture, attempt).state is PayState.AUTHORIZED


def test_pending_money_is_no_money(world: World):
    attempt = approved(world, "pending")
    snapshot = capture(world, attempt)
    assert (snapshot.state, snapshot.reason, snapshot.entries) == (PayState.PENDING, world.pending, ())
    world.settle(attempt.external_id)
    settled = fetch(world, attempt)
    assert (settled.state, settled.reason, len(receipts(settled))) == (PayState.CAPTURED, None, 1)


def test_pending_money_that_never_comes(world: World):
    attempt = approved(world, "pending")
    capture(world, attempt)
    world.deny(attempt.external_id)
    snapshot = fetch(world, attempt)
    assert (snapshot.state, snapshot.reason, snapshot.entries) == (PayState.FAILED, "declined", ())


def test_capture_that_is_denied(asks_at_capture: World):
    attempt = approved(asks_at_capture, "denied")
    snapshot = capture(asks_at_capture, attempt)
    assert (snapshot.state, snapshot.entries) == (PayState.FAILED, ())


def test_approval_that_lapsed(world: World):
    attempt = approved(world)
    world.reverse(attempt.external_id)
    assert fetch(world, attempt).state is PayState.EXPIRED
    snapshot = capture(world, attempt)
    assert (snapshot.state, snapshot.reason, snapshot.entries) == (PayState.EXPIRED, "reversed", ())


def test_checkout_that_was_forgotten(world: World):
    attempt = approved(world)
    world.forget(attempt.external_id)
    assert fetch(world, attempt) == Snapshot(PayState.EXPIRED, reason="forgotten")
    assert capture(world, attempt).state is PayState.EXPIRED


def test_refunds_add_up(refunding: World):
    attempt = approved(refunding)
    (receipt,) = capture(refunding, attempt).entries

    def refund(minor: int, key: str) -> Snapshot:
        return refunding.gateway.refund(
            attempt, refunding.account, receipt, Money(minor, "EUR"), f"{attempt.id}:refund:{key}"
        )

    refund(1000, "a")
    again = refund(1000, "a")
    assert [entry.amount.minor for entry in again.entries if entry.kind == "refund"] == [1000]
    with pytest.raises(Refused) as refusal:
        refund(1551, "b")
    assert refusal.value.code == "refund_amount_exceeded"
    last = refund(1550, "c")
    assert last.state is PayState.CAPTURED
    assert sorted(entry.amount.minor for entry in last.entries if entry.kind == "refund") == [1000, 1550]
    assert receipts(last) == [receipt]
    # Nothing is left to give back, so asking again changes nothing.
    assert refund(1, "d") == last


@pytest.mark.parametrize("acted", [True, False])
def test_lost_answer_to_start(world: World, acted: bool):
    attempt = new_attempt()
    world.lose_answer("start", acted=acted)
    with pytest.raises(OutcomeUnknown):
        world.gateway.start(attempt, world.account, attempt.id)
    step = world.gateway.start(attempt, world.account, attempt.id)
    assert fetch(world, replace(attempt, external_id=step.external_id)).state is PayState.STARTED


@pytest.mark.parametrize("acted", [True, False])
def test_lost_answer_to_capture(world: World, acted: bool):
    attempt = approved(world)
    world.lose_answer("capture", acted=acted)
    with pytest.raises(OutcomeUnknown):
        capture(world, attempt)
    assert fetch(world, attempt).state is (PayState.CAPTURED if acted else PayState.AUTHORIZED)
    assert len(receipts(capture(world, attempt))) == 1


@pytest.mark.parametrize("acted", [True, False])
def test_lost_answer_to_refund(refunding: World, acted: bool):
    attempt = approved(refunding)
    (receipt,) = capture(refunding, attempt).entries
    refunding.lose_answer("refund", acted=acted)
    key = f"{attempt.id}:refund"
    with pytest.raises(OutcomeUnknown):
        refunding.gateway.refund(attempt, refunding.account, receipt, Money(100, "EUR"), key)
    after = refunding.gateway.refund(attempt, refunding.account, receipt, Money(100, "EUR"), key)
    assert [entry.amount.minor for entry in after.entries if entry.kind == "refund"] == [100]


def test_lost_answer_to_a_look_is_harmless(world: World):
    attempt = started(world)
    world.lose_answer("fetch", acted=True)
    with pytest.raises(TryAgain):
        fetch(world, attempt)
    assert fetch(world, attempt).state is PayState.STARTED


@pytest.mark.parametrize("operation", ["start", "fetch", "capture"])
def test_busy_gateway_has_done_nothing(world: World, operation: str):
    attempt = approved(world)
    world.busy(operation)
    calls = {
        "start": lambda: world.gateway.start(new_attempt(), world.account, f"busy-{attempt.id}"),
        "fetch": lambda: fetch(world, attempt),
        "capture": lambda: capture(world, attempt),
    }
    with pytest.raises(TryAgain) as asked:
        calls[operation]()
    assert asked.value.retry_after == 1.0
    assert fetch(world, attempt).state is PayState.AUTHORIZED


def test_genuine_notification_is_a_hint(world: World):
    attempt = approved(world)
    raw, headers = world.notification(attempt.external_id)
    hint = world.gateway.verify(raw, headers, world.account, now())
    assert attempt.external_id in hint.external_ids
    assert hint.references == (attempt.id,)
    assert hint.event_id
    assert world.gateway.verify(raw, headers, world.account, now()) == hint


def test_changed_notification_is_refused(world: World):
    attempt = approved(world)
    raw, headers = world.notification(attempt.external_id)
    with pytest.raises(NotificationRefused) as refusal:
        world.gateway.verify(raw + b" ", headers, world.account, now())
    assert refusal.value.code == "bad_signature"


def test_notification_for_another_account_is_refused(world: World):
    attempt = approved(world)
    raw, headers = world.notification(attempt.external_id)
    with pytest.raises(NotificationRefused):
        world.gateway.verify(raw, headers, world.stranger, now())


def test_unsigned_notification_is_refused(world: World):
    attempt = approved(world)
    raw, _headers = world.notification(attempt.external_id)
    with pytest.raises(NotificationRefused) as refusal:
        world.gateway.verify(raw, {}, world.account, now())
    assert refusal.value.code == "header_missing"


def test_attempt_that_was_never_started_cannot_be_asked_about(world: World):
    with pytest.raises(ValueError, match="never started"):
        fetch(world, new_attempt())
    with pytest.raises(ValueError, match="never started"):
        capture(world, new_attempt())
