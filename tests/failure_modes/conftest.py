"""The 24 failure modes of payments: a test for each, named by its number, with real clients against the sandbox."""

from collections.abc import Iterator

import pytest

from app.shells.works import Works
from tests.failure_modes.bench import Bench
from tests.sandbox.paypal.listener import Listener
from tests.town import Town


@pytest.fixture(scope="session")
def post() -> Iterator[Listener]:
    """Where notifications arrive."""
    with Listener() as listener:
        yield listener


@pytest.fixture
def bench(shop: Works, town: Town, post: Listener) -> Bench:
    """The platform beside the town, with its clock and its jobs in the test's hands."""
    return Bench(shop, town, post)
