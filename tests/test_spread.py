"""Tests that share what is dear to start are run by one worker."""

from pathlib import Path

import pytest

from tests.spread import group_of

TOGETHER = {
    "tests/stories/test_buying.py::test_a[en-390]": "tests/stories/test_cards.py::test_b",
    "tests/sandbox/identity/test_pages.py::test_a": "tests/sandbox/identity/test_control.py::test_b[x@y]",
    "tests/failure_modes/test_06_pending.py::test_a": "tests/straight_line/test_cards.py::test_b",
    "tests/domain/money/test_money.py::test_a[1::2]": "tests/domain/money/test_money.py::test_b",
}


@pytest.mark.parametrize("one,other", TOGETHER.items())
def test_what_shares_processes_or_a_file_stays_together(one: str, other: str):
    assert group_of(one) == group_of(other)


def test_the_rest_is_apart():
    assert len({group_of(one) for one in TOGETHER}) == len(TOGETHER)
    deliveries = "tests/straight_line/test_deliveries.py::test_any[{}]"
    assert group_of(deliveries.format("paypal")) != group_of(deliveries.format("stripe"))


@pytest.mark.parametrize("each", range(6))
def test_one_worker_runs_all_of_a_group(worker_id: str, run_folder: Path, each: int):
    """Once a new pytest brought it about that each worker ran a part, and nothing but the time showed it."""
    (run_folder / f"spread-{worker_id}").touch()
    assert len(list(run_folder.glob("spread-*"))) == 1
