"""A sandbox registry for the tests of this folder, and both worlds of the contract suite."""

from collections.abc import Iterator

import pytest

from tests.integrations.registry.worlds import FakeWorld, SandboxWorld, World
from tests.neighbours import Program, start_identity, start_registry


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Program]]:
    """The sandbox registry and its token issuer, running."""
    folder = tmp_path_factory.mktemp("neighbours")
    with (
        start_identity(folder / "identity") as identity,
        start_registry(folder / "registry", identity) as registry,
    ):
        yield registry, identity


@pytest.fixture
def sandbox(programs: tuple[Program, Program]) -> Iterator[SandboxWorld]:
    world = SandboxWorld(*programs)
    yield world
    world.close()


@pytest.fixture(params=["fake", "sandbox"])
def world(request: pytest.FixtureRequest) -> World:
    return FakeWorld() if request.param == "fake" else request.getfixturevalue("sandbox")
