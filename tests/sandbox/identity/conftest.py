"""One identity provider with the demonstration people and a mailbox, shared by the tests of this folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.neighbours import Program, start_identity, start_mailbox
from tests.sandbox.identity.relying import PLATFORM, Relying
from tests.sandbox.paypal.listener import Listener


@pytest.fixture(scope="session")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with start_mailbox(tmp_path_factory.mktemp("mailbox")) as program:
        yield program


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory, mailbox: Program) -> Iterator[Program]:
    with start_identity(
        tmp_path_factory.mktemp("identity"),
        platform_url=PLATFORM,
        smtp_port=int(mailbox.names["smtp_port"]),
    ) as program:
        yield program


@pytest.fixture
def relying(identity: Program) -> Iterator[Callable[..., Relying]]:
    """A new browser and client each time it is called."""
    with ExitStack() as opened:

        def make(realm: str = "public", **more: Any) -> Relying:
            made = Relying(identity, realm, **more)
            opened.callback(made.http.close)
            return made

        yield make


@pytest.fixture
def control(identity: Program) -> Iterator[httpx.Client]:
    """The calls under /sandbox/; faults are gone and calls forgotten before the test."""
    with httpx.Client(base_url=f"{identity.url}/sandbox/", trust_env=False, timeout=30) as client:
        client.delete("faults")
        client.delete("calls")
        yield client
        client.delete("faults")


@pytest.fixture
def forward(control: httpx.Client) -> Iterator[Callable[[float], None]]:
    """Put the provider's clock forward, for this test only."""
    moved: list[float] = []

    def move(seconds: float) -> None:
        control.post("clock", json={"forward_seconds": seconds})
        moved.append(seconds)

    yield move
    control.post("clock", json={"forward_seconds": -sum(moved)})


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listening:
        yield listening
