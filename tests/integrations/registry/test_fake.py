"""What only the fake offers: orders of tests, and numbers handed out by hand."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.registry.fake import FakeRegistry
from app.integrations.registry.fake_rules import take
from app.integrations.registry.fake_samples import two_spans
from tests.integrations.registry.worlds import request_for

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_grant_is_in_two_ranges_with_a_gap():
    registry = FakeRegistry()
    done = registry.cancel(request_for(registry.grant(10), 8), "key")
    assert [(each.start, each.end, each.count) for each in done.serial_ranges] == [
        (1001, 1005, 5),
        (2001, 2003, 3),
    ]


def test_a_grant_of_chosen_units():
    registry = FakeRegistry()
    mandate = registry.grant(
        3, activity_ref="A6.4-BR-000007", unit_class="MCER", vintage=2024, sub_ranges=[(5, 6), (9, 9)]
    )
    assert (mandate.block.serial.start, mandate.block.serial.end) == (5, 9)
    assert (mandate.block.unit_class, mandate.block.vintage) == ("MCER", 2024)
    assert (mandate.block.authorization.status, mandate.block.authorization.uses) == ("not_authorized", ())
    assert [each.host_party for each in registry.activities()] == ["BR"]
    assert registry.cancel(request_for(mandate, 3), "key").status == "completed"


def test_sub_ranges_must_be_what_was_granted():
    with pytest.raises(ValueError, match="add up"):
        FakeRegistry().grant(10, sub_ranges=[(1, 9)])


def test_mandates_of_the_tests_own_are_put_in_as_they_are():
    registry, other = FakeRegistry(), FakeRegistry()
    mandate = replace(other.grant(10), quantity_remaining=4, updated_at=NOON)
    registry.add_mandate(mandate)
    registry.add_activity(next(other.activities()))
    assert list(registry.mandates()) == [mandate]
    done = registry.cancel(request_for(mandate, 4), "key")
    assert [(each.start, each.end) for each in done.serial_ranges] == [(1001, 1004)]


def test_the_clock_is_the_tests():
    registry = FakeRegistry(clock=lambda: NOON)
    assert registry.cancel(request_for(registry.grant(1), 1), "key").completed_at == NOON


def test_faults_come_in_order_and_only_as_often_as_ordered():
    registry = FakeRegistry()
    registry.fail_next("health", TryAgain("first"), times=2)
    registry.fail_next("health", OutcomeUnknown)
    codes = []
    for _ in range(3):
        with pytest.raises((TryAgain, OutcomeUnknown)) as raised:
            registry.health()
        codes.append(raised.value.code)
    assert codes == ["first", "first", "ordered"]
    assert registry.health().status == "ok"
    assert registry.calls == ["health"] * 4


def test_a_fault_of_what_is_not_there_is_a_mistake():
    with pytest.raises(ValueError, match="no cancell"):
        FakeRegistry().fail_next("cancell", TryAgain)


def test_only_what_is_accepted_can_be_completed_or_rejected():
    registry = FakeRegistry()
    done = registry.cancel(request_for(registry.grant(1), 1), "key")
    with pytest.raises(ValueError, match="is completed"):
        registry.complete(done.cancellation_id)
    with pytest.raises(ValueError, match="is completed"):
        registry.reject(done.cancellation_id, "x")


def test_maintenance_can_be_said():
    registry = FakeRegistry()
    registry.health_status = "maintenance"
    assert registry.health().status == "maintenance"


SPANS = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 20)), min_size=1, max_size=5)


@given(SPANS, st.data())
@settings(deadline=None)
def test_taking_divides_the_numbers(gaps_and_counts, data):
    free, at = [], 0
    for gap, count in gaps_and_counts:
        free.append((at + gap, at + gap + count - 1))
        at += gap + count
    quantity = data.draw(st.integers(1, sum(last - first + 1 for first, last in free)))

    taken, left = take(free, quantity)

    def numbers(spans):
        return [number for first, last in spans for number in range(first, last + 1)]

    assert numbers(taken) + numbers(left) == numbers(free)
    assert len(numbers(taken)) == quantity


@given(st.integers(1, 10_000))
@settings(deadline=None)
def test_two_spans_hold_what_they_must(quantity):
    spans = two_spans(quantity)
    assert sum(last - first + 1 for first, last in spans) == quantity
    assert all(first <= last for first, last in spans)


def test_many_threads_get_each_number_once():
    def slow_clock() -> datetime:
        time.sleep(0.001)  # asked in the middle of a cancellation: others get in, were they let
        return NOON

    registry = FakeRegistry(clock=slow_clock)
    mandate = registry.grant(90)

    def buy(number: int) -> list[int]:
        try:
            done = registry.cancel(request_for(mandate, 2), f"key-{number}")
        except Refused:
            return []
        return [n for each in done.serial_ranges for n in range(each.start, each.end + 1)]

    with ThreadPoolExecutor(8) as pool:
        bought = list(pool.map(buy, range(50)))
    assert sorted(map(len, bought)) == [0] * 5 + [2] * 45
    assert len({number for numbers in bought for number in numbers}) == 90
    assert registry.mandate(mandate.mandate_id).status == "exhausted"
