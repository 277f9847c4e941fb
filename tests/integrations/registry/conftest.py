"""A sandbox registry for the tests of this folder, and both worlds of the contract suite."""

from collections.abc import Iterator

import pytest

from tests.integrations.registry.worlds import FakeWorld, SandboxWorld, World
from tests.neighbours import Program, start_registry, start_tokens


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Program]]:
    """The sandbox registry and its token issuer, running."""
    folder = tmp_path_factory.mktemp("neighbours")
    with start_tokens(folder / "tokens") as tokens, start_registry(folder / "registry", tokens) as registry:
        yield registry, tokens


@pytest.fixture
def sandbox(programs: tuple[Program, Program]) -> Iterator[SandboxWorld]:
    world = SandboxWorld(*programs)
    yield world
    world.close()


@pytest.fixture(params=["fake", "sandbox"])
def world(request: pytest.FixtureRequest) -> World:
    return FakeWorld() if request.param == "fake" else request.getfixturevalue("sandbox")
