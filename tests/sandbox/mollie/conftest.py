"""One sandbox gateway for the tests of this folder; each test is a seller of its own there."""

from collections.abc import Iterator

import pytest

from tests.neighbours import Program, start_mollie
from tests.sandbox.mollie.seller import Seller
from tests.sandbox.paypal.listener import Listener


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    more = ["--delayed-seconds", "600", "--late-seconds", "600"]
    with start_mollie(tmp_path_factory.mktemp("mollie"), more=more) as program:
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
