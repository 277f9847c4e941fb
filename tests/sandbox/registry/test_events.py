"""Events reach the platform signed, at least once, and never hold up the API."""

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest

from tests.neighbours import EVENT_SECRET, ROOT, free_port, start_registry
from tests.sandbox.registry.conftest import cancel, request_for


class Platform(ThreadingHTTPServer):
    """Takes events. `answers` are given first, then 204."""

    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/webhooks/registry"
        self.received = []
        self.answers = []
        self.arrived = threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait_for(self, kind, resource_id, count=1):
        """The first `count` events of this kind about this resource, as (signature, raw body)."""

        def found():
            return [
                each
                for each in self.received
                if (json.loads(each[1])["type"], json.loads(each[1])["resource_id"]) == (kind, resource_id)
            ]

        with self.arrived:
            assert self.arrived.wait_for(lambda: len(found()) >= count, 30), self.received
            return found()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.arrived:
            self.server.received.append((self.headers["Registry-Signature"], raw))
            status = self.server.answers.pop(0) if self.server.answers else 204
            self.server.arrived.notify_all()
        self.send_response(status)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def platform():
    with Platform() as server:
        yield server
        server.shutdown()


@pytest.fixture
def telling(tmp_path, identity, platform):
    with start_registry(tmp_path, identity, webhook=platform.url) as program:
        yield program


@pytest.fixture
def client(telling, connect, service_token):
    return connect(telling.url, service_token)


def check_signature(signature, raw):
    parts = dict(part.split("=") for part in signature.split(","))
    expected = hmac.new(EVENT_SECRET.encode(), f"{parts['t']}.".encode() + raw, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(parts["v1"], expected)
    assert abs(time.time() - int(parts["t"])) < 300


def test_a_cancellation_is_told_signed_and_as_the_contract_says(client, platform, any_mandate):
    done = cancel(client, request_for(any_mandate, "told")).json()
    ((signature, raw),) = platform.wait_for("cancellation.completed", done["cancellation_id"])
    check_signature(signature, raw)
    event = json.loads(raw)
    assert event["occurred_at"] == done["completed_at"]
    platform.wait_for("mandate.changed", any_mandate["mandate_id"])
    contract = yaml.safe_load((ROOT / "contract" / "registry-api.yaml").read_text(encoding="utf-8"))
    # A webhook is checked as the request that it is: the path is the contract's name for it.
    contract["paths"] = {"/event": contract["webhooks"]["event"]}
    contract.update(servers=[{"url": "http://platform.example"}], security=[])
    OpenAPI.from_dict(contract).validate_request(
        MockRequest("http://platform.example", "post", "/event", data=raw)
    )


def test_every_kind_of_change_is_told(client, platform, any_mandate):
    client.post("/sandbox/faults", json={"kind": "accept_later", "operation": "requestCancellation"})
    accepted = cancel(client, request_for(any_mandate, "rejected")).json()
    client.post("/sandbox/complete", json={"outcome": "rejected"}).raise_for_status()
    platform.wait_for("cancellation.rejected", accepted["cancellation_id"])
    client.post(f"/sandbox/blocks/{any_mandate['block']['block_id']}/freeze").raise_for_status()
    platform.wait_for("mandate.changed", any_mandate["mandate_id"], 2)
    client.patch("/sandbox/activities/A6.4-MW-001042", json={"status": "suspended"}).raise_for_status()
    platform.wait_for("activity.changed", "A6.4-MW-001042")


def test_an_event_that_was_not_taken_comes_again(client, platform, any_mandate):
    platform.answers = [500, 503]
    done = cancel(client, request_for(any_mandate, "again")).json()
    mandate_id = any_mandate["mandate_id"]
    told = platform.wait_for("mandate.changed", mandate_id, 2) + platform.wait_for(
        "cancellation.completed", done["cancellation_id"], 2
    )
    assert len({json.loads(raw)["event_id"] for _, raw in told}) == 2
    for signature, raw in told:
        check_signature(signature, raw)


def test_sending_can_be_held_back_and_repeated(client, platform, any_mandate):
    client.post("/sandbox/events/pause").raise_for_status()
    done = cancel(client, request_for(any_mandate, "held")).json()
    assert platform.received == []
    client.post("/sandbox/events/resume").raise_for_status()
    ((_, raw),) = platform.wait_for("cancellation.completed", done["cancellation_id"])
    event_id = json.loads(raw)["event_id"]
    client.post("/sandbox/events/resend", json={"event_id": event_id}).raise_for_status()
    again = platform.wait_for("cancellation.completed", done["cancellation_id"], 2)
    assert {json.loads(raw)["event_id"] for _, raw in again} == {event_id}
    told = next(
        each for each in client.get("/sandbox/events").json()["items"] if each["event_id"] == event_id
    )
    assert told["type"] == "cancellation.completed"


def test_a_platform_that_is_away_hears_it_when_it_is_back(
    tmp_path, identity, connect, service_token, any_mandate
):
    port = free_port()
    url = f"http://127.0.0.1:{port}/webhooks/registry"
    with start_registry(tmp_path, identity, webhook=url) as program:
        client = connect(program.url, service_token)
        done = cancel(
            client, request_for(any_mandate, "away")
        ).json()  # answered although nobody takes the event
        while not any(each["attempts"] for each in client.get("/sandbox/events").json()["items"]):
            time.sleep(0.05)
        program.kill()
        with Platform(port) as platform, start_registry(tmp_path, identity, webhook=url):
            platform.wait_for("cancellation.completed", done["cancellation_id"])
            platform.shutdown()
