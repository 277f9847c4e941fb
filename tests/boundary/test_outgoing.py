"""No address that anybody types, and none that a neighbour answers with, makes the platform connect to it.

Every connection that the process opens is written down; a listener nobody is configured to call waits for one.
"""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.people.models import Provider, RegistryAccount
from app.extensions import limiter
from app.factory import create_app
from app.integrations.errors import NeighbourError
from app.integrations.gateways.paypal.adapter import PayPalGateway
from app.integrations.identity.keycloak import KeycloakIdentity
from app.integrations.registry.client import HttpRegistry
from app.integrations.registry.delegated_client import HttpDelegatedRegistry
from app.integrations.registry.interface import MandateRequest
from app.integrations.registry.tokens import ServiceTokens
from app.sealing import Sealer
from app.shells.works import Works
from tests.boundary.conftest import OneToken
from tests.domain.payments.attempts import make_payment
from tests.factories import SECRET_KEY
from tests.integrations.registry import answers
from tests.integrations.registry.answers import REQUEST
from tests.quality.tree import ROOT
from tests.town import Town
from tests.web.pages import Client
from tests.web.roles import sign_in_administrator, sign_in_provider
from tests.web.test_routes import methods

Answer = tuple[int, dict[str, str], str]


class Server:
    """A listener on a free port that keeps what came, and answers as it is told."""

    def __init__(self, answer: Callable[[str], Answer]) -> None:
        self.came: list[str] = []
        keeper = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self) -> None:
                keeper.came.append(f"{self.command} {self.path}")
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, body = answer(self.path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body.encode())), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _take  # noqa: N815 (so they are called)

            def log_message(self, *_: object) -> None:
                """Not into the output of the tests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def canary() -> Iterator[Server]:
    """Nobody has a reason to come here."""
    server = Server(lambda _: (200, {}, "{}"))
    yield server
    server.close()


@dataclass
class Connections:
    """Where this process connected to, and which names it looked up."""

    to: set[tuple[str, int]] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    seen = Connections()
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connect_and_tell(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            seen.to.add(tuple(address[:2]))
        return connect(self, address)

    def look_up_and_tell(host: Any, *arguments: Any, **named: Any) -> Any:
        seen.names.add(str(host))
        return look_up(host, *arguments, **named)

    monkeypatch.setattr(socket.socket, "connect", connect_and_tell)
    monkeypatch.setattr(socket, "getaddrinfo", look_up_and_tell)
    return seen


def place_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def test_a_connection_is_noticed(connections: Connections, canary: Server):
    httpx.get(canary.url, trust_env=False)
    assert connections.to == {place_of(canary.url)}
    assert canary.came == ["GET /"]


# What people and machines send.


def hostile(canary: Server) -> list[str]:
    """Ways to write an address that something might follow."""
    host = canary.url.removeprefix("http://")
    return [
        f"{canary.url}/hit",
        f"//{host}/hit",
        f"http:\\\\{host}\\hit",
        f"{canary.url}/v1/notifications/certs/CERT-1",
        f"http://registry.example@{host}/hit",
        f"/..//{host}/hit",
        f"gopher://{host}/hit",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data",
    ]


# Every field that a page documents, and some that frameworks know.
FIELDS = sorted(
    {
        name
        for row in re.findall(
            r"^\| .*\|$", (ROOT / "docs" / "pages.md").read_text(encoding="utf-8"), re.MULTILINE
        )
        for name in re.findall(r"`([a-z_]{2,40})`", row)
    }
    | {
        "url",
        "uri",
        "next",
        "redirect",
        "return_to",
        "callback",
        "website",
        "image",
        "href",
        "payee",
        "cursor",
        "iss",
    }
)


def headers(value: str) -> dict[str, str]:
    plain = value.replace("\\", "/")
    return {
        "Referer": plain,
        "Origin": plain,
        "Host": urlsplit(plain).netloc or plain,
        "X-Forwarded-Host": urlsplit(plain).netloc or plain,
        "X-Forwarded-For": plain,
        "X-Original-URL": plain,
        "Forwarded": f'host="{plain}"',
        "HX-Current-URL": plain,
        "Paypal-Auth-Algo": "SHA256withRSA",
        "Paypal-Cert-Url": plain,
        "Paypal-Transmission-Id": str(uuid4()),
        "Paypal-Transmission-Sig": "c2ln",
        "Paypal-Transmission-Time": "2026-11-23T12:00:00Z",
    }


@pytest.fixture
def pages(shop: Works, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The platform beside the town, with its real clients."""
    made = create_app(shop.settings, neighbours=shop.neighbours, engine=shop.sessions.kw["bind"])
    made.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setattr(limiter, "enabled", False)
    return made


def browsers(pages: Flask, town: Town, shop: Works) -> Iterator[tuple[str, Client]]:
    """A guest, a provider whose token the registry takes, and an administrator, each anew for each page."""
    with shop.sessions() as session:
        account = session.scalars(
            select(RegistryAccount.account_id).order_by(RegistryAccount.account_id)
        ).first()
        assert account is not None
    minted = httpx.post(
        f"{town.identity.url}/sandbox/tokens",
        json={"scope": "activities:read holdings:read mandates:write", "accounts": [account]},
        timeout=60,
        trust_env=False,
    ).json()["access_token"]
    yield "guest", Client(pages.test_client())
    provider = Client(pages.test_client())
    sign_in_provider(pages, provider, account, token=minted)
    yield "provider", provider
    administrator = Client(pages.test_client())
    sign_in_administrator(pages, administrator)
    yield "administrator", administrator


# Whose part of the console is whose; everything else is tried as a guest.
CONSOLE = {"provider": "provider", "administrator": "admin"}


def filled(rule: str, values: dict[str, Any]) -> str:
    """The rule's address with these values; `*` is for those that are not among them."""
    rule = re.sub(r"<any\(paypal\)[^>]*>", "paypal", rule)
    return re.sub(
        r"<(?:[^:>]*:)?(\w+)>",
        lambda found: quote(str(values.get(found[1], values["*"])), safe=""),
        rule,
    )


def test_nothing_that_is_typed_or_sent_is_ever_called(
    pages: Flask, town: Town, shop: Works, connections: Connections, canary: Server
):
    with shop.sessions() as session:
        payee, provider = session.scalar(select(ProviderPayeeAccount.id)), session.scalar(select(Provider.id))
    known = {"account": payee, "provider": provider, "act": "suspend", "lang_code": "en", "realm": "registry"}
    asked = 0
    for who, client in browsers(pages, town, shop):
        for value in hostile(canary):
            fields = dict.fromkeys(FIELDS, value)
            raw = json.dumps({**fields, "resource": fields, "links": [{"href": value, "rel": "self"}]})
            for rule in pages.url_map.iter_rules():
                if rule.endpoint in {"sign_in.sign_out", "sign_in.sign_out_everywhere"}:
                    continue  # or the rest would be a guest's
                place = rule.endpoint.partition(".")[0]
                if place != CONSOLE.get(who, place) or (who == "guest" and place in CONSOLE.values()):
                    continue  # no view is run for them, or the guest has tried it
                path = filled(rule.rule, {**known, "*": value})
                for method in methods(rule):
                    machine = rule.rule.startswith("/webhooks")
                    client.inner.open(
                        path,
                        method=method,
                        query_string=fields if method == "GET" else None,
                        data=(raw if machine else fields) if method == "POST" else None,
                        headers=headers(value),
                    )
                    asked += 1
    assert asked > 1000
    assert canary.came == []
    neighbours = {each.url for each in (town.identity, town.registry, town.paypal, town.mailbox)}
    assert connections.to <= {place_of(url) for url in neighbours}
    assert connections.names <= {"127.0.0.1", "localhost"}
    assert place_of(town.registry.url) in connections.to, "nothing was called at all"


# What neighbours answer.


def lies(canary: Server, kind: str) -> Callable[[str], Answer]:
    """Answers of a neighbour that wants us to go elsewhere."""
    there = f"{canary.url}/hit"
    documents = [{"title": "Design", "url": there}]
    attestation = {"reference": "A", "issued_at": "2026-11-23T12:00:00Z", "url": there}

    def answer(path: str) -> Answer:
        if kind.isdigit():
            return int(kind), {"Location": there}, ""
        extra = {"url": there, "href": there, "links": [{"href": there, "rel": "approve", "method": "GET"}]}
        body: dict[str, Any] = {
            "items": [],
            "next_cursor": None,
            "access_token": "t",
            "token_type": "Bearer",
            **extra,
        }
        if path.startswith("/v1/activities"):
            turned = "cursor=" in path
            body["items"] = [answers.activity(documents=documents, website=there)]
            body["next_cursor"] = None if turned else there
        elif path.startswith("/v1/cancellations"):
            body |= answers.cancellation(attestation=attestation)
        elif "openid-configuration" in path:
            realm = path.partition("/.well-known")[0]
            names = ("authorization", "token", "userinfo", "end_session", "introspection", "revocation")
            body = {f"{name}_endpoint": f"{there}/{name}" for name in names}
            body |= {"issuer": f"{{base}}{realm}", "jwks_uri": f"{there}/certs"}
        return 200, {"Content-Type": "application/json", "Link": f"<{there}>; rel=next"}, json.dumps(body)

    return answer


@pytest.fixture(params=["301", "302", "303", "307", "308", "200"])
def liar(request: pytest.FixtureRequest, canary: Server) -> Iterator[Server]:
    made: list[Server] = []

    def answer(path: str) -> Answer:
        kind = "lies" if request.param == "200" else request.param
        status, sent, body = lies(canary, kind)(path)
        return status, sent, body.replace("{base}", made[0].url)

    made.append(Server(answer))
    yield made[0]
    made[0].close()


def ask(act: Callable[[], Any]) -> None:
    with suppress(NeighbourError):
        found = act()
        if isinstance(found, Iterator):
            list(found)


def test_no_answer_of_the_registry_leads_elsewhere(connections: Connections, canary: Server, liar: Server):
    with ExitStack() as open_ones:
        registry = HttpRegistry(liar.url, OneToken("t"))  # type: ignore[arg-type]
        delegated = HttpDelegatedRegistry(liar.url)
        tokens = ServiceTokens(f"{liar.url}/token", "vcp-service", "secret")
        for each in (registry, delegated, tokens):
            open_ones.callback(each.close)
        for call in (
            registry.health,
            registry.activities,
            registry.mandates,
            registry.cancellations,
            lambda: registry.mandate("mandate-1"),
            lambda: registry.cancellation("cancellation-1"),
            lambda: registry.cancellation_by_reference("reference"),
            lambda: registry.cancel(REQUEST, "key"),
            lambda: delegated.accounts("t"),
            lambda: delegated.holdings("t", "account-1"),
            lambda: delegated.mandate("t", "mandate-1"),
            lambda: delegated.grant("t", MandateRequest("account-1", "block-1", 1), "key"),
            lambda: delegated.revoke("t", "mandate-1"),
            tokens.get,
        ):
            ask(call)
    assert canary.came == []
    assert connections.to == {place_of(liar.url)}
    assert len(liar.came) >= 14


def test_no_answer_of_the_identity_provider_leads_elsewhere(
    connections: Connections, canary: Server, liar: Server
):
    now = datetime.now(UTC)
    realm = KeycloakIdentity(f"{liar.url}/realms/registry", "vcp", "secret")
    begun = {"state": "s", "nonce": "n", "code_verifier": "v" * 43, "language": "en"}
    for call in (
        lambda: realm.begin("http://127.0.0.1:8000/back", "openid", **begun),
        lambda: realm.finish("code", "http://127.0.0.1:8000/back", "nonce", "v" * 43, now),
        lambda: realm.refresh("refresh-token", now),
        lambda: realm.end_session("refresh-token"),
        lambda: realm.read_logout_token("e30.e30.e30", now),
    ):
        ask(call)
    assert canary.came == []
    assert connections.to <= {place_of(liar.url)}
    assert len(liar.came) >= 4


def test_no_answer_of_the_gateway_leads_elsewhere(
    session, connections: Connections, canary: Server, liar: Server
):
    payment = make_payment(session)
    attempt = attempt_of(payment, "http://127.0.0.1:8000")
    account = account_of(payment.account, Sealer(SECRET_KEY))
    gateway = PayPalGateway(liar.url, None)
    for call in (
        lambda: gateway.start(attempt, account, key="key"),
        lambda: gateway.ensure_webhook(account, "https://platform.example/webhooks"),
    ):
        ask(call)
    gateway.close()
    assert canary.came == []
    assert connections.to == {place_of(liar.url)}
