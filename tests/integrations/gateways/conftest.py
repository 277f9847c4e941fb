"""A sandbox gateway for the tests of this folder, and both worlds of the contract suite."""

from collections.abc import Iterator

import pytest

from tests.integrations.gateways.worlds import FakeWorld, SandboxWorld, World
from tests.neighbours import Program, start_paypal
from tests.sandbox.paypal.listener import Listener


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with start_paypal(tmp_path_factory.mktemp("paypal")) as program:
        yield program


@pytest.fixture
def sandbox(program: Program) -> Iterator[SandboxWorld]:
    with Listener() as listener:
        world = SandboxWorld(program, listener)
        yield world
        world.close()


@pytest.fixture(params=["fake", "sandbox"])
def world(request: pytest.FixtureRequest) -> World:
    return FakeWorld() if request.param == "fake" else request.getfixturevalue("sandbox")
