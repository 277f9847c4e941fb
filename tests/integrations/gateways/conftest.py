"""Sandbox gateways for the tests of this folder, and the worlds of the contract suite."""

from collections.abc import Iterator

import httpx
import pytest

from tests.integrations.gateways.worlds import FakeWorld, MollieWorld, SandboxWorld, StripeWorld, World
from tests.neighbours import Program, start_mollie, start_paypal, start_stripe
from tests.sandbox.paypal.listener import Listener

Exchange = tuple[httpx.Request, httpx.Response]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[Exchange]:
    """Everything that is sent from here on, with its answers."""
    seen: list[Exchange] = []
    really_send = httpx.HTTPTransport.handle_request

    def send(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        answer = really_send(self, request)
        whole = httpx.Response(answer.status_code, headers=answer.headers, content=answer.read())
        answer.close()
        seen.append((request, whole))
        return whole

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", send)
    return seen


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with start_paypal(tmp_path_factory.mktemp("paypal")) as program:
        yield program


@pytest.fixture(scope="session")
def stripe_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with start_stripe(tmp_path_factory.mktemp("stripe"), more=["--delayed-seconds", "600"]) as program:
        yield program


@pytest.fixture(scope="session")
def mollie_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with start_mollie(tmp_path_factory.mktemp("mollie"), more=["--delayed-seconds", "600"]) as program:
        yield program


@pytest.fixture
def sandbox(program: Program) -> Iterator[SandboxWorld]:
    with Listener() as listener:
        world = SandboxWorld(program, listener)
        yield world
        world.close()


@pytest.fixture
def payee_sandbox(program: Program) -> Iterator[SandboxWorld]:
    with Listener() as listener:
        world = SandboxWorld(program, listener, "payee")
        yield world
        world.close()


@pytest.fixture
def partner_sandbox(program: Program) -> Iterator[SandboxWorld]:
    with Listener() as listener:
        world = SandboxWorld(program, listener, "partner")
        yield world
        world.close()


@pytest.fixture
def stripe_sandbox(stripe_program: Program) -> Iterator[StripeWorld]:
    with Listener() as listener:
        world = StripeWorld(stripe_program, listener)
        yield world
        world.close()


@pytest.fixture
def mollie_sandbox(mollie_program: Program) -> Iterator[MollieWorld]:
    with Listener() as listener:
        world = MollieWorld(mollie_program, listener)
        yield world
        world.close()


ASKED_AT_CAPTURE = ["fake", "sandbox", "payee_sandbox", "partner_sandbox"]


@pytest.fixture(params=[*ASKED_AT_CAPTURE, "stripe_sandbox", "mollie_sandbox"])
def world(request: pytest.FixtureRequest) -> World:
    """What every gateway must do is held to each of these."""
    return FakeWorld() if request.param == "fake" else request.getfixturevalue(request.param)


@pytest.fixture(params=["fake", "sandbox", "partner_sandbox", "stripe_sandbox"])
def refunding(request: pytest.FixtureRequest) -> World:
    """Gateways that give money back by themselves."""
    return FakeWorld() if request.param == "fake" else request.getfixturevalue(request.param)


@pytest.fixture(params=ASKED_AT_CAPTURE)
def asks_at_capture(request: pytest.FixtureRequest) -> World:
    """Gateways whose bank is asked when the money is taken, not when the buyer approves."""
    return FakeWorld() if request.param == "fake" else request.getfixturevalue(request.param)
