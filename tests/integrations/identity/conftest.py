"""The three worlds of the contract suite."""

from collections.abc import Iterator

import pytest

from tests.integrations.identity.worlds import FakeWorld, KeycloakWorld, Postbox, SandboxWorld, World
from tests.neighbours import Program, start_identity


@pytest.fixture(scope="session")
def identity_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The sandbox's identity provider, running."""
    with start_identity(tmp_path_factory.mktemp("identity")) as program:
        yield program


@pytest.fixture(scope="session")
def postbox() -> Iterator[Postbox]:
    """The platform's address: what providers post to it is kept."""
    made = Postbox()
    yield made
    made.close()


@pytest.fixture
def sandbox(identity_program: Program, postbox: Postbox) -> Iterator[SandboxWorld]:
    world = SandboxWorld(identity_program, postbox)
    yield world
    world.close()


@pytest.fixture
def real(request: pytest.FixtureRequest, postbox: Postbox) -> Iterator[KeycloakWorld]:
    world = KeycloakWorld(request.getfixturevalue("keycloak"), postbox)
    yield world
    world.close()


@pytest.fixture(params=["fake", "sandbox", "keycloak"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    return request.getfixturevalue({"sandbox": "sandbox", "keycloak": "real"}[request.param])


@pytest.fixture(params=["sandbox", "keycloak"])
def connected(request: pytest.FixtureRequest) -> SandboxWorld | KeycloakWorld:
    """For what only real connections show."""
    return request.getfixturevalue({"sandbox": "sandbox", "keycloak": "real"}[request.param])
