"""Which parallel worker runs what (`--dist loadgroup`): what a group of tests shares is started once in a run.

A group stays on one worker, in the order that it was shuffled into. Long groups come first and single tests last, so
that all workers end together.
"""

import os
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# Folders whose tests share processes: neighbours, a platform, a browser.
TOGETHER = ("stories", "boundary", "sandbox/*", "integrations/*")
LONG = (
    "stories",
    "town",
    "straight_line/test_properties.py",
    "straight_line/test_crashes.py",
    "boundary",
    "straight_line/test_web_crashes.py",
    "straight_line/test_release_crashes.py",
    "test_cli.py",
    "web/test_translated_pages.py",
    "jobs/test_mails.py",
)


def group_of(item: pytest.Item) -> str:
    """The folder, the neighbours or the file that a test shares with others; "" for one by itself."""
    if item.get_closest_marker("by_itself"):
        return ""
    place = item.path.relative_to(TESTS)
    folder = next((each for each in place.parents for pattern in TOGETHER if each.match(pattern)), None)
    if place.parts[0] != "stories" and "town" in getattr(item, "fixturenames", ()):
        return "town"
    return (folder or place).as_posix()


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put every test into its group, and the groups into an order."""
    places = {}
    for item in items:
        group = group_of(item)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))
        places[item] = (not group, LONG.index(group) if group in LONG else len(LONG))
    items.sort(key=lambda item: places[item])


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests often wait, for a browser, a database or a neighbour."""
    return len(os.sched_getaffinity(0)) + 1
