"""What only running programs can show: tokens that expire, programs that die, events that arrive."""

import logging
import queue
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import httpx
import pytest

from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.registry.events import SIGNATURE_HEADER, verify_event
from app.integrations.registry.interface import EventRefused
from app.integrations.registry.tokens import ServiceTokens
from tests.integrations.registry.worlds import SandboxWorld, request_for
from tests.neighbours import CLIENT_ID, CLIENT_SECRET, EVENT_SECRET, start_registry

SCOPES = "activities:read mandates:read cancellations:write cancellations:read"


class FirstTokens(httpx.BaseTransport):
    """Hands out the given tokens first, then what the issuer says."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.asked = 0
        self._issuer = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if not self.tokens:
            return self._issuer.handle_request(request)
        token = self.tokens.pop(0)
        return httpx.Response(200, json={"access_token": token, "token_type": "Bearer", "expires_in": 300})

    def close(self) -> None:
        self._issuer.close()


def test_a_token_that_expires_in_the_middle_is_renewed_unseen(sandbox):
    granted = sandbox.grant(10)
    issuer = FirstTokens(sandbox.mint(SCOPES, expires_in=-60, azp=CLIENT_ID))
    client = sandbox.client(tokens=sandbox.service_tokens(transport=issuer))
    request = request_for(granted, 4)
    done = client.cancel(request, uuid4().hex)
    assert (done.client_reference, done.status) == (request.client_reference, "completed")
    assert client.mandate(granted.mandate_id).quantity_remaining == 6
    assert issuer.asked == 2


def test_a_token_that_expires_between_two_pages_is_renewed_unseen(sandbox):
    issuer = FirstTokens(sandbox.mint(SCOPES), sandbox.mint(SCOPES, expires_in=-60))
    tokens = sandbox.service_tokens(transport=issuer)
    listed = sandbox.client(tokens=tokens, page_size=20).activities()
    first = [next(listed) for _ in range(20)]
    tokens.drop(tokens.get())
    rest = list(listed)
    everything = list(sandbox.registry.activities())
    assert [item.activity_ref for item in first + rest] == [item.activity_ref for item in everything]
    assert issuer.asked == 3


@pytest.mark.parametrize("claims", [{"realm": "public"}, {"aud": "another-service"}, {"expires_in": -60}])
def test_tokens_that_are_not_the_registrys_for_us_cancel_nothing(sandbox, claims):
    wrong = sandbox.mint(SCOPES, **claims)
    client = sandbox.client(tokens=sandbox.service_tokens(transport=FirstTokens(wrong, wrong)))
    request = request_for(sandbox.grant(1), 1)
    with pytest.raises(TryAgain) as raised:
        client.cancel(request, uuid4().hex)
    assert raised.value.code == "unauthenticated"
    assert sandbox.registry.cancellation_by_reference(request.client_reference) is None


def test_a_wrong_secret_is_found_out(sandbox):
    tokens = ServiceTokens(sandbox.identity.names["token_url"], CLIENT_ID, "wrong", read=60)
    with pytest.raises(TryAgain) as raised:
        list(sandbox.client(tokens=tokens).mandates())
    assert raised.value.code == "token_refused"


def test_pages_of_any_size_give_the_same_list(sandbox):
    whole = list(sandbox.client(page_size=500).mandates())
    assert len(whole) > 20
    assert list(sandbox.client(page_size=7).mandates()) == whole


def test_no_secret_is_in_any_log(sandbox, caplog):
    caplog.set_level(logging.DEBUG)
    tokens = sandbox.service_tokens()
    client = sandbox.client(tokens=tokens, read=60)
    request = request_for(sandbox.grant(5), 1)
    client.cancel(request, uuid4().hex)
    sandbox.garble("cancel")
    with pytest.raises(OutcomeUnknown) as raised:
        client.cancel(request_for(sandbox.grant(5), 1), uuid4().hex)
    assert "registry POST /v1/cancellations: 201 in" in caplog.text
    told = caplog.text + repr(client) + repr(tokens) + repr(raised.value)
    assert tokens.get() not in told
    assert CLIENT_SECRET not in told
    assert request.beneficiary.name not in told


def test_a_registry_that_dies_and_comes_back(sandbox, tmp_path):
    state = tmp_path / "registry"
    program = start_registry(state, sandbox.identity)
    port = int(program.url.rpartition(":")[2])
    world = SandboxWorld(program, sandbox.identity)
    try:
        granted = world.grant(20)
        request, same = request_for(granted, 8), uuid4().hex
        world.lose_answer(acted=True)
        killer = threading.Thread(target=lambda: (world.wait_for(same), program.kill()))
        killer.start()
        with pytest.raises(OutcomeUnknown):
            world.registry._patient.cancel(request, same)
        killer.join()
        with pytest.raises(TryAgain):
            world.registry.cancellation_by_reference(request.client_reference)
        program = start_registry(state, sandbox.identity, port=port)
        found = world.registry.cancellation_by_reference(request.client_reference)
        assert found.status == "completed"
        assert world.registry.cancel(request, same) == found
        assert world.registry.mandate(granted.mandate_id).quantity_remaining == 12
    finally:
        try:
            world.close()
        finally:
            program.kill()


@pytest.fixture
def received() -> Iterator[tuple[str, queue.Queue[tuple[bytes, str]]]]:
    """An address that takes whatever is posted to it, and what was posted: body and signature."""
    posted: queue.Queue[tuple[bytes, str]] = queue.Queue()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.put((body, self.headers[SIGNATURE_HEADER]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not into the output of the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", posted
        server.shutdown()
        thread.join()


def test_events_of_the_registry_are_believed_and_no_others(sandbox, tmp_path, received):
    address, posted = received
    with start_registry(tmp_path / "registry", sandbox.identity, webhook=address) as program:
        world = SandboxWorld(program, sandbox.identity)
        request = request_for(world.grant(5), 5)
        done = world.registry.cancel(request, uuid4().hex)
        while True:
            raw, header = posted.get(timeout=60)
            event = verify_event(raw, header, EVENT_SECRET, datetime.now(UTC))
            if event.type == "cancellation.completed":
                break
        assert event.resource_id == done.cancellation_id
        assert event.occurred_at == done.completed_at
        with pytest.raises(EventRefused) as refused:
            verify_event(raw, header, "another-secret", datetime.now(UTC))
        assert refused.value.code == "signature_wrong"
        world.close()
