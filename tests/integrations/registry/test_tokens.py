"""The platform's own token: fetched when needed, kept while good, never shown."""

import base64
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import httpx
import pytest

from app.integrations.errors import TryAgain
from app.integrations.registry.tokens import ServiceTokens
from tests.integrations.registry.answers import SECRET, TOKEN_URL, Prepared, service_tokens, token


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_the_request_is_client_credentials_with_basic():
    answers = Prepared(token())
    assert service_tokens(answers).get() == "token-1"
    (sent,) = answers.requests
    assert (sent.method, str(sent.url)) == ("POST", TOKEN_URL)
    assert (
        sent.headers["Authorization"]
        == "Basic " + base64.b64encode(f"vcp-service:{SECRET}".encode()).decode()
    )
    assert parse_qs(sent.content.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["activities:read mandates:read cancellations:write cancellations:read"],
    }


def test_odd_characters_of_a_secret_are_form_encoded():
    answers = Prepared(token())
    tokens = ServiceTokens(TOKEN_URL, "a:b", "p ä+", transport=httpx.MockTransport(answers))
    tokens.get()
    basic = answers.requests[0].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(basic) == b"a%3Ab:p%20%C3%A4%2B"


@pytest.mark.parametrize("lifetime, good_for", [(300, 270), (60, 54), (3600, 3570)])
def test_a_token_is_kept_until_shortly_before_it_expires(lifetime, good_for):
    clock = Clock()
    tokens = service_tokens(Prepared(token("a", expires_in=lifetime), token("b")), clock=clock)
    assert tokens.get() == "a"
    clock.seconds += good_for - 1
    assert tokens.get() == "a"
    clock.seconds += 1
    assert tokens.get() == "b"


def test_only_the_refused_token_is_dropped():
    tokens = service_tokens(Prepared(token("a"), token("b")))
    assert tokens.get() == "a"
    tokens.drop("a")
    assert tokens.get() == "b"
    tokens.drop("a")  # a slow thread comes late with the old one
    assert tokens.get() == "b"


def test_threads_share_one_fetch():
    entered = threading.Barrier(8)
    fetched = []

    def slow_issuer(request: httpx.Request) -> httpx.Response:
        fetched.append(request)
        time.sleep(0.1)  # long enough for the others to ask too, were they let in
        return token("a")

    tokens = ServiceTokens(TOKEN_URL, "vcp-service", SECRET, transport=httpx.MockTransport(slow_issuer))

    def get(_: int) -> str:
        entered.wait(10)
        return tokens.get()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(get, range(8))) == {"a"}
    assert len(fetched) == 1


@pytest.mark.parametrize(
    "answer, code",
    [
        (httpx.Response(401, json={"error": "invalid_client"}), "token_refused"),
        (httpx.Response(400, json={"error": "invalid_scope"}), "token_refused"),
        (httpx.Response(500), "server_error"),
        (httpx.Response(503), "registry_sign_in_unavailable"),
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.ConnectError("nobody"), "registry_sign_in_unavailable"),
        (httpx.Response(200, content=b"<html>"), "unreadable"),
        (httpx.Response(200, json=[]), "unreadable"),
        (token(""), "unreadable"),
        (token("a\r\nb"), "unreadable"),
        (token(expires_in="300"), "unreadable"),
        (token(token_type="mac"), "unreadable"),
    ],
)
def test_without_a_token_nothing_was_asked_so_all_may_be_tried_again(answer, code):
    tokens = service_tokens(Prepared(answer, token("b")))
    with pytest.raises(TryAgain) as raised:
        tokens.get()
    assert raised.value.code == code
    assert tokens.get() == "b"


def test_secrets_are_neither_logged_nor_shown(caplog):
    caplog.set_level(logging.DEBUG)
    tokens = service_tokens(Prepared(token("token-1"), httpx.Response(401, json={"error": SECRET})))
    tokens.get()
    tokens.drop("token-1")
    with pytest.raises(TryAgain) as raised:
        tokens.get()
    assert "registry sign-in refuses the platform's client (401)" in caplog.text
    told = caplog.text + repr(tokens) + repr(raised.value)
    encoded = base64.b64encode(f"vcp-service:{SECRET}".encode()).decode()
    for secret in (SECRET, encoded, "token-1"):
        assert secret not in told
