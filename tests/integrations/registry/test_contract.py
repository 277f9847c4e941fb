"""What the platform may rely on, held against the fake and against the client with the sandbox registry."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, timedelta
from uuid import uuid4

import pytest

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.registry.interface import Beneficiary, DuplicateClientReference, SerialRange
from tests.integrations.registry.worlds import FIRST_BY_CANCELLING, NDC_ONLY, TAKEN_BACK, request_for

LISTS = ["activities", "mandates", "cancellations"]


def key() -> str:
    return uuid4().hex


def numbers(ranges: tuple[SerialRange, ...]) -> set[tuple[str, int]]:
    return {(each.prefix, number) for each in ranges for number in range(each.start, each.end + 1)}


def refusal(world, request, with_key: str) -> str:
    with pytest.raises(Refused) as raised:
        world.registry.cancel(request, with_key)
    return raised.value.code


def test_health(world):
    health = world.registry.health()
    assert (health.status, health.contract_version) == ("ok", "1.0.0")


def test_a_mandate_as_it_stands_now(world):
    granted = world.grant(30)
    assert (granted.quantity, granted.quantity_remaining, granted.status) == (30, 30, "active")
    world.registry.cancel(request_for(granted, 12), key())
    now = world.registry.mandate(granted.mandate_id)
    assert (now.quantity, now.quantity_remaining, now.status) == (30, 18, "active")
    assert now.updated_at > granted.updated_at
    world.registry.cancel(request_for(granted, 18), key())
    now = world.registry.mandate(granted.mandate_id)
    assert (now.quantity_remaining, now.status) == (0, "exhausted")


def test_the_mandates_listed_are_the_mandates_read(world):
    granted = world.grant(5)
    listed = {mandate.mandate_id: mandate for mandate in world.registry.mandates()}
    assert listed[granted.mandate_id] == world.registry.mandate(granted.mandate_id)


def test_the_activity_of_a_mandate_is_listed(world):
    granted = world.grant(5)
    activities = {activity.activity_ref: activity for activity in world.registry.activities()}
    activity = activities[granted.block.activity_ref]
    assert activity.host_party == granted.block.activity_ref[5:7]
    assert activity.updated_at.tzinfo is UTC


@pytest.mark.parametrize("name", LISTS)
def test_lists_give_what_changed_since_oldest_first(world, name):
    for _ in range(3):
        world.registry.cancel(request_for(world.grant(5), 1), key())
    listing = getattr(world.registry, name)
    everything = list(listing())
    times = [item.updated_at for item in everything]
    assert times == sorted(times)
    assert list(listing(times[-1])) == [item for item in everything if item.updated_at == times[-1]]
    assert list(listing(times[-1] + timedelta(microseconds=1))) == []
    assert list(listing(times[0])) == everything


def test_a_change_brings_a_mandate_to_the_end_of_the_changes(world):
    granted, other = world.grant(5), world.grant(5)
    world.registry.cancel(request_for(granted, 1), key())
    changed = [mandate.mandate_id for mandate in world.registry.mandates(other.updated_at)]
    assert changed.index(other.mandate_id) < changed.index(granted.mandate_id)
    assert changed[-1] in {granted.mandate_id, other.mandate_id}


def test_the_first_cancellation_is_the_first_transfer_where_the_host_says_so(world):
    granted = world.grant(5)
    world.authorize(granted, FIRST_BY_CANCELLING)
    done = world.registry.cancel(request_for(granted, 1), key())
    first = world.registry.mandate(granted.mandate_id).block.first_transferred_at
    assert first is not None
    assert first <= done.completed_at
    world.registry.cancel(request_for(granted, 1), key())
    assert world.registry.mandate(granted.mandate_id).block.first_transferred_at == first


def test_cancelled_at_once(world):
    granted = world.grant(40)
    request = request_for(granted, 25)
    done = world.registry.cancel(request, key())
    assert done.status == "completed"
    assert (done.client_reference, done.mandate_id, done.quantity) == (
        request.client_reference,
        granted.mandate_id,
        25,
    )
    assert done.completed_at is not None
    assert done.attestation is not None
    assert (done.rejection_code, done.rejection_detail) == (None, None)
    assert world.registry.cancellation(done.cancellation_id) == done
    assert world.registry.cancellation_by_reference(request.client_reference) == done
    assert done in list(world.registry.cancellations(done.updated_at))


def test_serial_numbers_add_up_and_are_never_used_twice(world):
    granted = world.grant(60)
    block = granted.block.serial
    seen: set[tuple[str, int]] = set()
    for quantity in (1, 30, 7, 22):
        done = world.registry.cancel(request_for(granted, quantity), key())
        assert sum(each.count for each in done.serial_ranges) == quantity
        taken = numbers(done.serial_ranges)
        assert len(taken) == quantity
        assert not taken & seen
        assert taken <= {(block.prefix, number) for number in range(block.start, block.end + 1)}
        seen |= taken
    assert len(seen) == 60


def test_the_same_key_replays_the_first_answer(world):
    granted = world.grant(20)
    request, same = request_for(granted, 8), key()
    first = world.registry.cancel(request, same)
    assert world.registry.cancel(request, same) == first
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 12


def test_the_same_key_replays_a_refusal_though_the_reason_is_gone(world):
    granted = world.grant(5)
    world.accept()
    accepted = world.registry.cancel(request_for(granted, 5), key())
    request, same = request_for(granted, 3), key()
    assert refusal(world, request, same) == "insufficient_units"
    world.reject(accepted.cancellation_id, "block_not_available", "It moved.")
    assert refusal(world, request, same) == "insufficient_units"
    assert world.registry.cancel(request, key()).status == "completed"


def test_the_same_key_with_another_request_is_refused(world):
    granted = world.grant(20)
    request, same = request_for(granted, 8), key()
    world.registry.cancel(request, same)
    assert refusal(world, replace(request, quantity=9), same) == "idempotency_mismatch"
    assert refusal(world, replace(request, reason=None), same) == "idempotency_mismatch"
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 12


def test_a_reference_is_used_once_for_ever(world):
    granted = world.grant(20)
    request = request_for(granted, 8)
    first = world.registry.cancel(request, key())
    with pytest.raises(DuplicateClientReference) as raised:
        world.registry.cancel(request, key())
    assert raised.value.code == "duplicate_client_reference"
    assert raised.value.cancellation_id == first.cancellation_id
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 12


def test_more_than_is_left_is_refused_whole(world):
    granted = world.grant(10)
    world.registry.cancel(request_for(granted, 4), key())
    request = request_for(granted, 7)
    assert refusal(world, request, key()) == "insufficient_units"
    assert world.registry.cancellation_by_reference(request.client_reference) is None
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 6


@pytest.mark.parametrize(
    "change, code",
    [
        (lambda world, mandate: world.revoke(mandate), "mandate_revoked"),
        (lambda world, mandate: world.suspend(mandate), "account_suspended"),
        (lambda world, mandate: world.freeze(mandate), "block_not_available"),
        (lambda world, mandate: world.authorize(mandate, NDC_ONLY), "purpose_not_authorized"),
        (lambda world, mandate: world.authorize(mandate, TAKEN_BACK), "purpose_not_authorized"),
    ],
)
def test_units_that_may_not_be_cancelled(world, change, code):
    granted = world.grant(10)
    change(world, granted)
    request = request_for(granted, 1)
    assert refusal(world, request, key()) == code
    assert world.registry.cancellation_by_reference(request.client_reference) is None


def test_what_was_changed_there_is_seen_here(world):
    revoked, frozen = world.grant(10), world.grant(10)
    world.revoke(revoked)
    now = world.registry.mandate(revoked.mandate_id)
    assert (now.status, now.quantity_remaining) == ("revoked", 0)
    world.freeze(frozen)
    world.authorize(frozen, NDC_ONLY)
    block = world.registry.mandate(frozen.mandate_id).block
    assert (block.status, block.authorization) == ("frozen", NDC_ONLY)


def test_what_is_not_there(world):
    with pytest.raises(Refused) as mandate:
        world.registry.mandate("no-such-mandate")
    with pytest.raises(Refused) as cancellation:
        world.registry.cancellation("no-such-cancellation")
    assert mandate.value.code == cancellation.value.code == "not_found"
    assert refusal(world, request_for(replace(world.grant(1), mandate_id="no-such"), 1), key()) == "not_found"
    assert world.registry.cancellation_by_reference("no-such-reference") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 0},
        {"quantity": -1},
        {"client_reference": ""},
        {"client_reference": "x" * 65},
        {"reason": "x" * 257},
        {"beneficiary": Beneficiary("organisation", "public", "x" * 201)},
        {"beneficiary": Beneficiary("organisation", "public", "Bakery", "FRA")},
        {"beneficiary": Beneficiary("company", "public", "Bakery")},
        {"beneficiary": Beneficiary("organisation", "secret", "Bakery")},
        {"purpose": "offsetting"},
    ],
)
def test_what_the_contract_does_not_allow(world, changes):
    granted = world.grant(10)
    request, same = request_for(granted, 1), key()
    assert refusal(world, replace(request, **changes), same) == "validation_error"
    # The key is still unused: the corrected request may have it.
    assert world.registry.cancel(request, same).status == "completed"


@pytest.mark.parametrize("length", [0, 256])
def test_a_key_has_1_to_255_characters(world, length):
    assert refusal(world, request_for(world.grant(1), 1), "k" * length) == "validation_error"


@pytest.mark.parametrize(
    "beneficiary",
    [
        Beneficiary("individual", "anonymous"),
        Beneficiary("individual", "anonymous", country="FR"),
        Beneficiary("individual", "public", "Zoë Ω. 例"),
    ],
)
def test_beneficiaries(world, beneficiary):
    request = request_for(world.grant(1), 1, beneficiary=beneficiary, reason=None)
    assert world.registry.cancel(request, key()).status == "completed"


def test_accepted_now_completed_later(world):
    granted = world.grant(20)
    request, same = request_for(granted, 8), key()
    world.accept()
    accepted = world.registry.cancel(request, same)
    assert (accepted.status, accepted.serial_ranges) == ("accepted", ())
    assert (accepted.completed_at, accepted.attestation) == (None, None)
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 12
    assert world.registry.cancellation(accepted.cancellation_id) == accepted
    world.complete(accepted.cancellation_id)
    done = world.registry.cancellation_by_reference(request.client_reference)
    assert done.status == "completed"
    assert sum(each.count for each in done.serial_ranges) == 8
    assert done.completed_at is not None
    assert done.updated_at > accepted.updated_at
    assert world.registry.cancel(request, same) == accepted  # the first answer, word for word
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 12


def test_accepted_now_rejected_later(world):
    granted = world.grant(20)
    world.accept()
    accepted = world.registry.cancel(request_for(granted, 20), key())
    assert world.registry.mandate(granted.mandate_id).status == "exhausted"
    world.reject(accepted.cancellation_id, "block_not_available", "It moved.")
    rejected = world.registry.cancellation(accepted.cancellation_id)
    assert (rejected.status, rejected.serial_ranges) == ("rejected", ())
    assert (rejected.rejection_code, rejected.rejection_detail) == ("block_not_available", "It moved.")
    now = world.registry.mandate(granted.mandate_id)
    assert (now.quantity_remaining, now.status) == (20, "active")


def test_a_mandate_revoked_meanwhile_does_not_stop_what_was_accepted(world):
    granted = world.grant(20)
    world.accept()
    accepted = world.registry.cancel(request_for(granted, 8), key())
    world.revoke(granted)
    world.complete(accepted.cancellation_id)
    assert world.registry.cancellation(accepted.cancellation_id).status == "completed"


def test_units_rejected_after_the_mandate_ended_do_not_come_back_to_it(world):
    granted = world.grant(20)
    world.accept()
    accepted = world.registry.cancel(request_for(granted, 8), key())
    world.revoke(granted)
    world.reject(accepted.cancellation_id, "mandate_revoked", "Too late.")
    now = world.registry.mandate(granted.mandate_id)
    assert (now.status, now.quantity_remaining) == ("revoked", 0)


@pytest.mark.parametrize("cut, code", [(False, "timeout"), (True, "broken_connection")])
def test_an_answer_lost_after_the_act_is_read_back(world, cut, code):
    granted = world.grant(20)
    request, same = request_for(granted, 8), key()
    world.lose_answer(acted=True, cut=cut)
    with pytest.raises(OutcomeUnknown) as raised:
        world.registry.cancel(request, same)
    assert raised.value.code == code
    world.wait_for(same)
    found = world.registry.cancellation_by_reference(request.client_reference)
    assert found.status == "completed"
    assert world.registry.cancel(request, same) == found
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 12


@pytest.mark.parametrize("cut, code", [(False, "timeout"), (True, "broken_connection")])
def test_a_request_lost_before_the_act_is_sent_again_with_its_key(world, cut, code):
    granted = world.grant(20)
    request, same = request_for(granted, 8), key()
    world.lose_answer(acted=False, cut=cut)
    with pytest.raises(OutcomeUnknown) as raised:
        world.registry.cancel(request, same)
    assert raised.value.code == code
    world.wait_for(same)
    assert world.registry.cancellation_by_reference(request.client_reference) is None
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 20
    done = world.registry.cancel(request, same)
    assert world.registry.cancellation_by_reference(request.client_reference) == done
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 12


@pytest.mark.parametrize("acted", [True, False])
def test_an_unreadable_answer_leaves_a_cancellation_unknown(world, acted):
    granted = world.grant(20)
    request, same = request_for(granted, 8), key()
    world.garble("cancel", acted=acted)
    with pytest.raises(OutcomeUnknown) as raised:
        world.registry.cancel(request, same)
    assert raised.value.code == "unreadable"
    found = world.registry.cancellation_by_reference(request.client_reference)
    assert (found is not None) is acted
    assert world.registry.cancel(request, same).status == "completed"
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 12


def test_a_lost_refusal_is_a_refusal_still(world):
    granted = world.grant(5)
    request, same = request_for(granted, 6), key()
    world.lose_answer(acted=True, cut=True)
    with pytest.raises(OutcomeUnknown):
        world.registry.cancel(request, same)
    assert world.registry.cancellation_by_reference(request.client_reference) is None
    assert refusal(world, request, same) == "insufficient_units"


READS = [
    ("mandate", lambda registry: registry.mandate("x")),
    ("cancellation", lambda registry: registry.cancellation("x")),
    ("cancellation_by_reference", lambda registry: registry.cancellation_by_reference("x")),
    *[(name, lambda registry, name=name: next(getattr(registry, name)())) for name in LISTS],
]


@pytest.mark.parametrize("method, read", [("health", lambda registry: registry.health()), *READS])
def test_an_unreadable_answer_to_a_read_may_be_asked_again(world, method, read):
    world.garble(method)
    with pytest.raises(TryAgain) as raised:
        read(world.registry)
    assert raised.value.code == "unreadable"


@pytest.mark.parametrize("code", ["rate_limited", "registry_unavailable"])
@pytest.mark.parametrize("method, read", [("health", lambda registry: registry.health()), *READS])
def test_a_busy_registry_says_when_to_read_again(world, method, read, code):
    world.busy(method, code, 7)
    with pytest.raises(TryAgain) as raised:
        read(world.registry)
    assert (raised.value.code, raised.value.retry_after) == (code, 7.0)


@pytest.mark.parametrize("code", ["rate_limited", "registry_unavailable"])
def test_a_busy_registry_cancels_nothing(world, code):
    granted = world.grant(20)
    request, same = request_for(granted, 8), key()
    world.busy("cancel", code, 3)
    with pytest.raises(TryAgain) as raised:
        world.registry.cancel(request, same)
    assert (raised.value.code, raised.value.retry_after) == (code, 3.0)
    assert world.registry.cancellation_by_reference(request.client_reference) is None
    assert world.registry.cancel(request, same).status == "completed"


@pytest.mark.parametrize(
    "code",
    [
        "forbidden",
        "account_suspended",
        "mandate_revoked",
        "insufficient_units",
        "block_not_available",
        "purpose_not_authorized",
        "validation_error",
    ],
)
def test_a_refusal_is_final(world, code):
    granted = world.grant(20)
    world.refuse("cancel", code)
    assert refusal(world, request_for(granted, 8), key()) == code
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 20


def test_a_race_for_the_last_units_oversells_nothing(world):
    granted = world.grant(10)

    def buy(_: int) -> str:
        try:
            return world.registry.cancel(request_for(granted, 3), key()).status
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(buy, range(8)))
    assert outcomes == ["completed"] * 3 + ["insufficient_units"] * 5
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 1


def test_a_race_with_one_key_cancels_once(world):
    granted = world.grant(10)
    request, same = request_for(granted, 3), key()

    def send(_: int) -> str:
        try:
            return world.registry.cancel(request, same).cancellation_id
        except TryAgain as busy:
            return busy.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = set(pool.map(send, range(8)))
    done = world.registry.cancellation_by_reference(request.client_reference)
    assert done.cancellation_id in outcomes
    assert outcomes <= {done.cancellation_id, "idempotency_in_progress"}
    assert world.registry.mandate(granted.mandate_id).quantity_remaining == 7
