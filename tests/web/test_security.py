"""Headers and cookies of every kind of answer; CSRF on every form; no way to lead a visitor elsewhere."""

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask, jsonify, request
from sqlalchemy import Engine
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.extensions import limiter
from app.factory import create_app
from app.settings import Settings
from app.web.support.gate import open_to_all
from tests.conftest import lonely_settings
from tests.journey import Journey
from tests.web.conftest import Fakes
from tests.web.pages import Client

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ELSEWHERE = (
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "javascript:alert(1)",
)


@pytest.fixture
def public(tmp_path: Path, fakes: Fakes) -> Flask:
    """The application at an https address, without a database."""
    settings = lonely_settings("postgresql://127.0.0.1:1/none", tmp_path)
    settings = replace(settings, public_url="https://cancel.example.org")
    return create_app(settings, neighbours=fakes.neighbours)


@pytest.fixture
def journey(settings: Settings, engine: Engine, fakes: Fakes) -> Journey:
    return Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)


def test_every_kind_of_answer_carries_the_headers(app: Flask, journey: Journey):
    order = journey.place(20)
    certificate = journey.complete(order)
    client = app.test_client()
    stylesheet = app.jinja_env.globals["asset_url"]("site.css")
    icon = app.jinja_env.globals["asset_url"]("favicon.svg")
    htmx = {"HX-Request": "true"}
    answers = {
        "page": client.get("/en/find-order"),
        "fragment": client.get("/en/projects", headers=htmx),
        "order": client.get(f"/en/orders/{order.token}"),
        "JSON": client.get(f"/orders/{order.token}.json"),
        "twin": client.get(f"/certificates/{certificate.code}.json"),
        "PDF": client.get(f"/certificates/{certificate.code}.pdf"),
        "redirect": client.get("/"),
        "redirect of the router": client.get("/en"),
        "not found": client.get("/nowhere"),
        "refused form": client.post("/en/find-order"),
        "wrong method": client.delete("/en/find-order"),
        "webhook": client.post("/webhooks/registry"),
        "methods": client.options("/en/find-order"),
        "head": client.head("/en/find-order"),
        "health": client.get("/healthz"),
        "stylesheet": client.get(stylesheet),
        "icon": client.get(icon),
        "no such file": client.get("/static/nothing.css"),
    }
    statuses = {kind: answer.status_code for kind, answer in answers.items()}
    assert statuses["page"] == statuses["PDF"] == statuses["stylesheet"] == statuses["fragment"] == 200
    for kind, answer in answers.items():
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, kind
        policy = PDF_POLICY if kind == "PDF" else POLICY
        assert answer.headers.getlist("Content-Security-Policy") == [policy], kind
        assert "Server" not in answer.headers, kind
        assert "Access-Control-Allow-Origin" not in answer.headers, kind
        answer.close()


def test_an_answer_that_went_wrong_carries_them_too(alone: Flask):
    answer = alone.test_client().get("/en/projects")
    assert answer.status_code == 503
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_pages_are_kept_by_no_cache_but_the_readers_own(app: Flask, journey: Journey):
    order = journey.place(20)
    client = app.test_client()
    assert client.get("/en/find-order").headers["Cache-Control"] == "private, no-cache"
    assert client.post("/en/find-order").headers["Cache-Control"] == "no-store"
    for address in (
        f"/en/orders/{order.token}",
        f"/orders/{order.token}.json",
        f"/en/orders/{order.token}/pay",
    ):
        assert client.get(address).headers["Cache-Control"] == "private, no-store", address


def cookie(answer: TestResponse) -> tuple[str, set[str]]:
    """The name of the only cookie that is set, and its attributes."""
    [header] = answer.headers.getlist("Set-Cookie")
    first, *attributes = header.split("; ")
    return first.partition("=")[0], {
        attribute for attribute in attributes if not attribute.startswith("Expires")
    }


def test_the_cookie_is_bound_to_host_and_https_where_the_platform_is_public(public: Flask):
    answer = public.test_client().get("/en/find-order")
    assert cookie(answer) == ("__Host-vcp", {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"})
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_on_a_machine_of_ones_own_the_cookie_goes_without_https(alone: Flask):
    answer = alone.test_client().get("/en/find-order")
    assert cookie(answer) == ("vcp", {"HttpOnly", "Path=/", "SameSite=Lax"})
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("address", ["/", "/healthz", "/static/nothing.css.map.json", "/orders/unknown.json"])
def test_what_needs_no_cookie_sets_none(alone: Flask, address: str):
    assert "Set-Cookie" not in alone.test_client().get(address).headers


# Forms.


def address_of(rule: Rule) -> str:
    """An address that the rule fits."""
    filled = re.sub(r"<any\('?([\w-]+)[^>]*>", r"\1", rule.rule)
    filled = re.sub(r"<uuid:[^>]*>", "00000000-0000-0000-0000-000000000000", filled)
    filled = re.sub(r"<int:[^>]*>", "1", filled)
    return re.sub(r"<[^>]*>", "unknown", filled)


def posts(app: Flask) -> dict[str, str]:
    """Endpoint → address of everything that takes a form."""
    return {
        rule.endpoint: address_of(rule) for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())
    }


def test_every_form_needs_its_token_and_only_those_of_machines_do_not(alone: Flask):
    refused, taken = set(), set()
    for endpoint, address in posts(alone).items():
        for headers in ({}, {"HX-Request": "true"}, {"Origin": "https://elsewhere.example"}):
            answer = alone.test_client().post(address, data={"email": "a@example.org"}, headers=headers)
            (refused if "open too long" in answer.text and answer.status_code == 400 else taken).add(endpoint)
    assert len(refused) >= 6
    assert taken == {
        "webhooks.receive_payment_notification",
        "webhooks.receive_connect_notification",
        "webhooks.receive_platform_notification",
        "webhooks.receive_registry_event",
        "sign_in_back.back_channel_logout",
        "public.switch_notices_off",  # by mail programs, with a sealed link
    }


def test_a_token_of_another_visitor_or_none_of_ours_is_refused(alone: Flask):
    theirs = Client(alone.test_client()).get("/en/find-order").form("/en/find-order").fields["csrf_token"]
    mine = Client(alone.test_client())
    mine.get("/en/find-order")
    for token in (theirs, ["x"], ["é"], ["\ufffd"]):
        mine.post("/en/find-order", {"csrf_token": token}, status=400)


def test_htmx_sends_the_token_in_a_header(alone: Flask):
    client = Client(alone.test_client())
    page = client.get("/en/find-order")
    headers = {"HX-Request": "true", **json.loads(str(page.one("body")["hx-headers"]))}
    assert list(headers) == ["HX-Request", "X-CSRFToken"]
    client.post("/en/find-order", {"email": "nobody"}, status=422, headers=headers)


def test_a_browser_that_does_not_say_where_it_comes_from_may_buy(public: Flask):
    client = public.test_client()
    page = client.get("/en/find-order", base_url="https://cancel.example.org")
    [token] = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    answer = client.post(
        "/en/find-order", data={"csrf_token": token, "email": "nobody"}, base_url="https://cancel.example.org"
    )
    assert answer.status_code == 422, "it was read, and refused for what it says"


# Other hosts.


def test_no_page_leads_a_visitor_elsewhere(app: Flask, journey: Journey):
    order = journey.place(20)
    journey.start(order)
    certificate = journey.complete(journey.place(20))
    client = app.test_client()
    names = (
        "next",
        "back",
        "url",
        "to",
        "return",
        "continue",
        "redirect",
        "goto",
        "code",
        "seen",
        "lang_code",
    )
    found, redirects = {}, 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        limiter.reset()
        known = certificate.code.lower() if "certificates" in rule.rule else order.token
        address = address_of(rule).replace("unknown", known)
        for place in ELSEWHERE:
            answer = client.get(address, query_string=dict.fromkeys(names, place))
            location = answer.headers.get("Location", "")
            redirects += bool(location)
            if location and not _ours(location) and not _neighbour(location):
                found[address, place] = location
            for attribute in re.findall(
                r'(?:href|action)="([^"]*)"', answer.text if "html" in answer.mimetype else ""
            ):
                if not _ours(attribute) and not _neighbour(attribute):
                    found[address, place] = attribute
            answer.close()
    assert found == {}
    assert redirects > 10


def _neighbour(address: str) -> bool:
    """The gateway, or an identity provider, and nothing of the stranger's in it."""
    return "elsewhere" not in address and (
        "gateway.test" in address
        # As the fake and as the settings call it.
        or address.startswith(("https://login.example.org/realms/", "http://127.0.0.1:1/realms/public/"))
    )


def _ours(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return (parts.scheme, parts.netloc) == ("http", "127.0.0.1:8000")
    return not address.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "address",
    [
        "//elsewhere.example/en",
        "/\\elsewhere.example/en",
        "/en//elsewhere.example",
        "//elsewhere.example/%2e%2e",
        "/en/%2f%2felsewhere.example",
    ],
)
def test_a_path_that_looks_like_a_host_leads_nowhere_else(alone: Flask, address: str):
    # As a server hands it over: the path is what stands between host and query.
    answer = alone.test_client().get("/", environ_overrides={"PATH_INFO": address, "RAW_URI": address})
    assert answer.status_code in {302, 308, 404}
    assert _ours(answer.headers.get("Location", ""))


@pytest.mark.parametrize("host", ["elsewhere.example", "elsewhere.example:8000", "a b", "[", "<script>", ""])
def test_the_host_of_a_request_is_not_believed(app: Flask, journey: Journey, settings: Settings, host: str):
    order = journey.place(20)
    certificate = journey.complete(order)
    client = app.test_client()
    headers = {"Host": host, "X-Forwarded-Host": "elsewhere.example", "Forwarded": "host=elsewhere.example"}
    for address in (f"/en/orders/{order.token}", "/en/projects", "/en", "/nowhere"):
        answer = client.get(address, headers=headers)
        assert "elsewhere.example" not in f"{answer.text} {answer.headers}", address
    told = client.get(f"/orders/{order.token}.json", headers=headers).get_json()["certificate"]
    assert told["pdf"] == f"{settings.public_url}/certificates/{certificate.code}.pdf"
    assert client.get("/en", headers=headers).location == f"{settings.public_url}/en/"


# Behind a proxy.


def addresses_seen(tmp_path: Path, fakes: Fakes, proxies: int, forwarded: str | None) -> tuple[str, str]:
    """The client's address and the scheme as the application sees them."""
    settings = replace(lonely_settings("postgresql://127.0.0.1:1/none", tmp_path), trusted_proxies=proxies)
    app = create_app(settings, neighbours=fakes.neighbours)
    app.add_url_rule("/seen", view_func=open_to_all(lambda: jsonify([request.remote_addr, request.scheme])))
    headers = {"X-Forwarded-Proto": "gopher", **({"X-Forwarded-For": forwarded} if forwarded else {})}
    address, scheme = app.test_client().get("/seen", headers=headers).get_json()
    return address, scheme


@pytest.mark.parametrize(
    "proxies,forwarded,seen",
    [
        (0, None, "127.0.0.1"),
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.7, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, None, "127.0.0.1"),
    ],
)
def test_the_clients_address_comes_from_trusted_proxies_only(
    tmp_path: Path, fakes: Fakes, proxies: int, forwarded: str | None, seen: str
):
    assert addresses_seen(tmp_path, fakes, proxies, forwarded) == (seen, "http")


def test_behind_a_proxy_each_visitor_is_counted_alone(tmp_path: Path, fakes: Fakes):
    settings = replace(lonely_settings("postgresql://127.0.0.1:1/none", tmp_path), trusted_proxies=1)
    client = Client(create_app(settings, neighbours=fakes.neighbours).test_client())
    fields = client.get("/en/find-order").form("/en/find-order").fields | {"email": ["nobody"]}

    def ask(address: str) -> int:
        headers = {"X-Forwarded-For": f"192.0.2.1, {address}"}
        return client.inner.post("/en/find-order", data=fields, headers=headers).status_code

    assert [ask("203.0.113.9") for _ in range(4)] == [422, 422, 422, 429]
    assert ask("203.0.113.10") == 422
