"""Which parallel worker runs what: what a group of tests shares is started once in a run.

A group stays on one worker, in the order that it was shuffled into. Long groups come first and single tests last, so
that all workers end together. (pytest-xdist's own groups do nothing under pytest 9.2, and say nothing either:
https://github.com/pytest-dev/pytest-xdist/issues/1386.)
"""

import os
from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# The tests of these share neighbours as processes.
TOWN = (
    "tests/failure_modes/*",
    "tests/straight_line/test_cards.py",
    "tests/straight_line/test_crashes.py",
    "tests/straight_line/test_faults.py",
    "tests/straight_line/test_line.py",
    "tests/straight_line/test_mollie.py",
    "tests/straight_line/test_paypal_modes.py",
    "tests/straight_line/test_web_crashes.py",
    "tests/boundary/test_outgoing.py",
    "tests/quality/test_money_map.py",
    "tests/test_cli.py",
)
# The tests of each of these folders share processes: neighbours, a platform, a browser.
TOGETHER = ("tests/stories", "tests/boundary", "tests/sandbox/*", "tests/integrations/*")
# Whichever worker has time runs them, one by one.
SINGLE = ("tests/straight_line/test_deliveries.py",)
LONG = ("tests/stories", "town", "tests/boundary", "tests/straight_line/test_properties.py")


def group_of(nodeid: str) -> str:
    """The neighbours, the folder or the file that a test shares with others; its own name for one by itself."""
    path = PurePosixPath(nodeid.partition("::")[0])
    if any(path.match(pattern) for pattern in SINGLE):
        return nodeid
    if any(path.match(pattern) for pattern in TOWN):
        return "town"
    shared = (folder for folder in path.parents for pattern in TOGETHER if folder.match(pattern))
    return str(next(shared, path))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the groups into an order. Each worker does it, and all have to come to the same."""

    def place(item: pytest.Item) -> tuple[bool, int]:
        group = group_of(item.nodeid)
        return group == item.nodeid, LONG.index(group) if group in LONG else len(LONG)

    for item in items:
        if "town" in getattr(item, "fixturenames", ()) and group_of(item.nodeid) != "town":
            raise pytest.UsageError(f"{item.nodeid} shares the town: tests/spread.py has to know")
    items.sort(key=place)


class Spread(LoadScopeScheduling):
    """Hands out whole groups."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread:
    """Whatever `--dist` says."""
    config.option.loadscopereorder = False  # the order is the one above
    return Spread(config, log)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests often wait, for a browser, a database or a neighbour."""
    return len(os.sched_getaffinity(0)) + 1
