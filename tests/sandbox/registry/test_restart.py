"""State survives a stop and a kill; another registry starts equal to the letter."""

import time

import httpx
import pytest

from tests.neighbours import start_identity, start_registry
from tests.sandbox.registry.conftest import cancel, request_for


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_the_books_survive(tmp_path, identity, service_token, connect, any_mandate, end):
    body = request_for(any_mandate, "survives", 9)
    with start_registry(tmp_path, identity) as first:
        done = cancel(connect(first.url, service_token), body)
        listed = connect(first.url, service_token).get("/v1/mandates").json()
        getattr(first, end)()
    with start_registry(tmp_path, identity) as second:
        client = connect(second.url, service_token)
        assert client.get("/v1/mandates").json() == listed
        assert client.get(f"/v1/cancellations/{done.json()['cancellation_id']}").json() == done.json()
        replayed = cancel(client, body)
        assert (replayed.status_code, replayed.json()) == (201, done.json())
        following = cancel(client, request_for(any_mandate, "follows", 1)).json()
        assert following["serial_ranges"][0]["start"] == done.json()["serial_ranges"][0]["end"] + 1


def test_a_kill_in_the_middle_of_a_slow_call_leaves_nothing(
    tmp_path, identity, service_token, connect, any_mandate
):
    body = request_for(any_mandate, "killed", 9)
    with start_registry(tmp_path, identity) as first:
        client = connect(first.url, service_token)
        client.post("/sandbox/faults", json={"kind": "slow", "seconds": 60}).raise_for_status()
        with pytest.raises(httpx.ReadTimeout):
            cancel(client, body, timeout=httpx.Timeout(60, read=0.5))
        assert client.get("/sandbox/faults").json()["items"] == []  # it has arrived
        first.kill()
    with start_registry(tmp_path, identity) as second:
        done = cancel(connect(second.url, service_token), body).json()
        assert done["serial_ranges"][0]["start"] == any_mandate["block"]["first"]


def test_two_new_registries_are_equal(tmp_path, running, identity, service_token):
    headers = {"Authorization": f"Bearer {service_token}"}
    lists = []
    for name in ("one", "two"):
        with start_registry(tmp_path / name, identity) as program:
            lists.append(
                [
                    httpx.get(f"{program.url}{path}?limit=500", headers=headers).text
                    for path in ("/v1/activities", "/v1/mandates")
                ]
            )
    assert lists[0] == lists[1]


def test_without_seed_it_is_empty(tmp_path, identity, service_token, connect):
    with start_registry(tmp_path, identity, seed=False) as program:
        assert connect(program.url, service_token).get("/v1/mandates").json()["items"] == []


def test_new_keys_of_the_issuer_are_found(tmp_path):
    def ask(registry, identity):
        token = httpx.post(f"{identity.url}/sandbox/tokens", json={"scope": "mandates:read"}).json()[
            "access_token"
        ]
        return httpx.get(
            f"{registry.url}/v1/mandates", headers={"Authorization": f"Bearer {token}"}
        ).status_code

    with (
        start_identity(tmp_path / "first") as identity,
        start_registry(tmp_path / "registry", identity) as registry,
    ):
        assert ask(registry, identity) == 200
        identity.stop()
        port = int(identity.url.rsplit(":", 1)[1])
        with start_identity(tmp_path / "second", port) as renewed:
            answer = ask(registry, renewed)
            while answer == 401 and not renewed.process.poll():  # keys are read again once a second at most
                time.sleep(0.1)
                answer = ask(registry, renewed)
        assert answer == 200


def test_without_its_issuer_it_says_so(tmp_path, service_token):
    with start_identity(tmp_path / "identity") as identity:
        pass
    with start_registry(tmp_path / "registry", identity) as registry:
        answer = httpx.get(
            f"{registry.url}/v1/mandates", headers={"Authorization": f"Bearer {service_token}"}
        )
    assert (answer.status_code, answer.json()["code"]) == (503, "registry_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
