"""One sandbox gateway for the tests of this folder; each test is a seller of its own there."""

from collections.abc import Iterator

import pytest

from tests.neighbours import Program, start_stripe
from tests.sandbox.paypal.listener import Listener
from tests.sandbox.stripe.seller import Seller


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with start_stripe(tmp_path_factory.mktemp("stripe"), more=["--delayed-seconds", "600"]) as program:
        yield program


@pytest.fixture
def seller(gateway: Program) -> Iterator[Seller]:
    seller = Seller(gateway.url)
    yield seller
    seller.http.delete("/sandbox/faults")
    seller.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener
