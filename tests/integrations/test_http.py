"""What a failure of a neighbour means, and what leaves the machine."""

import gzip
import logging
from collections.abc import Iterator

import httpx
import pytest

from app.integrations.errors import NeighbourError, OutcomeUnknown, TryAgain
from app.integrations.http import HttpClient


def client(answer, **options) -> HttpClient:
    return HttpClient(
        "registry", "http://registry.test/base", transport=httpx.MockTransport(answer), **options
    )


def always(response: httpx.Response) -> HttpClient:
    return client(lambda _: response)


def failing(error: type[Exception]) -> HttpClient:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("as ordered")

    return client(answer)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_was_never_sent_may_be_tried_again(method, error):
    with pytest.raises(TryAgain) as raised:
        failing(error).request(method, "/x")
    assert raised.value.code == "registry_unavailable"


@pytest.mark.parametrize(
    "error, code",
    [
        (httpx.ReadTimeout, "timeout"),
        (httpx.WriteTimeout, "timeout"),
        (httpx.ReadError, "broken_connection"),
        (httpx.WriteError, "broken_connection"),
        (httpx.RemoteProtocolError, "broken_connection"),
        (httpx.DecodingError, "unreadable"),
    ],
)
def test_what_broke_off_is_unknown_unless_repeating_is_safe(error, code):
    with pytest.raises(OutcomeUnknown) as unknown:
        failing(error).request("POST", "/x")
    with pytest.raises(TryAgain) as get:
        failing(error).request("GET", "/x")
    with pytest.raises(TryAgain) as safe:
        failing(error).request("POST", "/x", safe=True)
    assert [unknown.value.code, get.value.code, safe.value.code] == [code] * 3


def test_nobody_listening_may_be_tried_again():
    refusing = HttpClient("registry", "http://127.0.0.1:1")  # a port that nothing may listen on
    with pytest.raises(TryAgain) as raised:
        refusing.request("POST", "/x", json={})
    assert raised.value.code == "registry_unavailable"


@pytest.mark.parametrize(
    "status, headers, method, kind, code, retry_after",
    [
        (429, {"Retry-After": "7"}, "POST", TryAgain, "rate_limited", 7.0),
        (429, {}, "POST", TryAgain, "rate_limited", None),
        (429, {"Retry-After": "Mon, 23 Nov 2026 12:00:00 GMT"}, "GET", TryAgain, "rate_limited", None),
        (429, {"Retry-After": "-1"}, "GET", TryAgain, "rate_limited", None),
        (503, {"Retry-After": "2"}, "POST", TryAgain, "registry_unavailable", 2.0),
        (503, {}, "GET", TryAgain, "registry_unavailable", None),
        (503, {}, "POST", OutcomeUnknown, "server_error", None),
        (500, {}, "POST", OutcomeUnknown, "server_error", None),
        (502, {"Retry-After": "2"}, "POST", OutcomeUnknown, "server_error", None),
        (500, {}, "GET", TryAgain, "server_error", None),
        (302, {"Location": "http://elsewhere.test/"}, "POST", OutcomeUnknown, "unreadable", None),
        (307, {"Location": "http://registry.test/y"}, "GET", TryAgain, "unreadable", None),
    ],
)
def test_statuses(status, headers, method, kind, code, retry_after):
    with pytest.raises(NeighbourError) as raised:
        always(httpx.Response(status, headers=headers)).request(method, "/x")
    assert type(raised.value) is kind
    assert raised.value.code == code
    assert getattr(raised.value, "retry_after", None) == retry_after


@pytest.mark.parametrize("status", [200, 201, 202, 204, 400, 401, 404, 409, 422])
def test_other_answers_are_handed_over(status):
    response = always(httpx.Response(status, json={"a": 1})).request("POST", "/x")
    assert (response.status, response.json()) == (status, {"a": 1})


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b'{"a": "\xff"}', b"[" * 100_000])
def test_unreadable_json(body):
    with pytest.raises(OutcomeUnknown) as unknown:
        always(httpx.Response(201, content=body)).request("POST", "/x").json()
    with pytest.raises(TryAgain) as again:
        always(httpx.Response(200, content=body)).request("GET", "/x").json()
    assert unknown.value.code == again.value.code == "unreadable"


def test_an_answer_is_bounded_after_unpacking():
    bomb = gzip.compress(b"0" * 100_000)
    packed = httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=bomb)
    with pytest.raises(TryAgain) as raised:
        client(lambda _: packed, max_bytes=99_999).request("GET", "/x")
    assert raised.value.code == "unreadable"
    assert client(lambda _: packed, max_bytes=100_000).request("GET", "/x").body == b"0" * 100_000


def test_an_answer_that_never_ends_is_given_up():
    class Dripping(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                yield b"0"

    dripping = client(lambda _: httpx.Response(200, stream=Dripping()), whole=0.05)
    with pytest.raises(OutcomeUnknown) as raised:
        dripping.request("POST", "/x")
    assert raised.value.code == "timeout"


def test_only_the_configured_origin_is_called():
    called = []

    def answer(request: httpx.Request) -> httpx.Response:
        called.append(str(request.url))
        return httpx.Response(200)

    neighbour = client(answer)
    neighbour.request("GET", "/x", params={"a": "ä"})
    neighbour.request("GET", "http://registry.test/other")
    for elsewhere in (
        "http://elsewhere.test/x",
        "https://registry.test/x",
        "http://registry.test:8080/x",
        "http://registry.test@elsewhere.test/x",
        "http://somebody@registry.test/x",
    ):
        with pytest.raises(ValueError, match="not called at"):
            neighbour.request("GET", elsewhere)
    assert called == ["http://registry.test/base/x?a=%C3%A4", "http://registry.test/other"]


@pytest.mark.parametrize("address", ["registry.test", "ftp://registry.test", "http://a:b@registry.test", ""])
def test_an_address_that_is_none_is_refused_at_once(address):
    with pytest.raises(ValueError, match="the address of registry"):
        HttpClient("registry", address)


def test_proxies_of_the_machine_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert HttpClient("registry", "http://registry.test")._client._mounts == {}


def test_time_outs_are_always_set():
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(200)

    client(answer).request("GET", "/x")
    client(answer, connect=1.0, read=2.0).request("GET", "/x")
    assert seen == [
        {"connect": 3.0, "read": 10.0, "write": 10.0, "pool": 10.0},
        {"connect": 1.0, "read": 2.0, "write": 2.0, "pool": 2.0},
    ]


def test_one_line_per_call_without_secrets(caplog):
    caplog.set_level(logging.DEBUG)
    neighbour = client(lambda _: httpx.Response(500, content=b"secret-answer"))
    with pytest.raises(OutcomeUnknown) as raised:
        neighbour.request(
            "POST",
            "/v1/things",
            headers={"Authorization": "Bearer secret-token"},
            json={"name": "secret-name"},
        )
    (line,) = [record for record in caplog.records if record.name == "app.integrations.http"]
    assert line.getMessage().startswith("registry POST /base/v1/things: 500 server_error in ")
    assert line.neighbour == "registry"
    assert line.ms >= 0
    assert "secret" not in caplog.text + str(raised.value) + repr(raised.value) + repr(neighbour)
