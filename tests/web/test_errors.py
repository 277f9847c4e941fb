"""Error pages: each in the reader's language, each says what was kept and what to do, none is itself an error."""

import re

import pytest
from flask import Flask, abort
from flask_babel import force_locale, gettext
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import TooManyRequests
from werkzeug.routing import Rule

from app.i18n import LANGUAGES
from app.web.support.gate import open_to_all
from tests.web.pages import Client

WHAT = {
    400: "We could not read that request",
    403: "This page is not open to you",
    404: "Page not found",
    409: "This has changed in the meantime",
    413: "That is too much at once",
    429: "Please wait a moment",
    500: "Something went wrong on our side",
    503: "The platform is away for a moment",
}
KEPT = "What was kept"
NEXT = "What you can do now"
# In any value or path: what no database, header or log takes as it is.
NASTY = [
    "%00",
    "a%00b",
    "%ff%fe",
    "%C3%28",
    "%ED%A0%80",
    "%01%1b%7f",
    "%0d%0aSet-Cookie:%20x=1",
    "%E2%80%AE",
    "x" * 9000,
]


@pytest.fixture
def broken(alone: Flask) -> Flask:
    """The application with pages at /en/break/… that end in an error."""

    @alone.get("/<any(en, fr, es):lang_code>/break/<int:status>")
    @open_to_all
    def fail(status: int) -> str:
        abort(status)

    @alone.get("/<any(en, fr, es):lang_code>/break/unexpectedly")
    @open_to_all
    def surprise() -> str:
        raise RuntimeError("token-of-an-order")

    @alone.get("/<any(en, fr, es):lang_code>/break/pool")
    @open_to_all
    def no_connection() -> str:
        raise NoConnectionFree("QueuePool limit")

    @alone.get("/<any(en, fr, es):lang_code>/break/late")
    @open_to_all
    def late() -> str:
        raise TooManyRequests(retry_after=30)

    return alone


def visitor(app: Flask) -> Client:
    return Client(app.test_client())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", WHAT)
def test_each_error_says_what_happened_what_was_kept_and_what_to_do(
    broken: Flask, language: str, status: int
):
    page = visitor(broken).get(f"/{language}/break/{status}", status=status)
    with broken.app_context(), force_locale(language):
        heading, kept, what_next = (gettext(text) for text in (WHAT[status], KEPT, NEXT))
    assert (page.h1 == WHAT[status]) is (language == "en"), "said in the reader's own language"
    assert page.h1 == heading
    assert page.title.startswith(heading)
    assert [tag.get_text(strip=True) for tag in page.all("main h2")] == [kept, what_next]
    assert len(page.all("main ul li")) == 2
    assert page.all(f"main li a[href='/{language}/projects']")
    assert page.response.headers["X-Request-Id"] in page.one("main").get_text()
    assert page.all("meta[name=robots][content=noindex]")


def test_a_wrong_method_is_told_with_those_that_are_right(alone: Flask):
    page = visitor(alone).open("DELETE", "/en/find-order", status=405, follow=False)
    assert page.h1 == WHAT[400]
    assert set(page.response.allow) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("status,page_of", [(406, 400), (410, 400), (418, 400), (501, 500), (502, 500)])
def test_an_error_without_a_page_of_its_own_gets_the_nearest_and_keeps_its_number(
    broken: Flask, status: int, page_of: int
):
    assert visitor(broken).get(f"/en/break/{status}", status=status).h1 == WHAT[page_of]


def test_what_nobody_expected_is_500_and_tells_nothing_about_itself(broken: Flask):
    page = visitor(broken).get("/en/break/unexpectedly", status=500)
    assert page.h1 == WHAT[500]
    assert "token-of-an-order" not in page.response.text
    assert "RuntimeError" not in page.response.text


def test_how_long_to_wait_is_passed_on(broken: Flask):
    page = visitor(broken).get("/en/break/late", status=429)
    assert page.response.headers["Retry-After"] == "30"


@pytest.mark.parametrize("address", ["/en/projects", "/fr/orders/unknown", "/es/break/pool"])
def test_without_the_database_pages_say_that_the_platform_is_away(broken: Flask, address: str):
    page = visitor(broken).get(address, status=503)
    with broken.app_context(), force_locale(address[1:3]):
        assert page.h1 == gettext(WHAT[503])
    assert "password" not in page.response.text


def test_a_visitor_with_a_basket_is_told_the_same(broken: Flask):
    client = visitor(broken)
    with client.inner.session_transaction() as session:
        session["basket"] = "00000000-0000-0000-0000-000000000000"
    assert client.get("/en/projects", status=503).h1 == WHAT[503]
    assert client.get("/en/break/404", status=404).h1 == WHAT[404]


@pytest.mark.parametrize(
    "address,status", [("/en/break/500", 500), ("/en/break/404", 404), ("/en/projects", 503)]
)
def test_the_last_page_needs_nothing(
    broken: Flask, monkeypatch: pytest.MonkeyPatch, address: str, status: int
):
    def gone() -> list[str]:
        raise RuntimeError("not even the languages")

    monkeypatch.setitem(broken.jinja_env.globals, "languages", gone)
    answer = broken.test_client().get(address)
    assert answer.status_code == status
    assert "Something went wrong on our side" in answer.text
    assert {'<html lang="en">', '<p lang="fr">', '<p lang="es">'} <= set(
        re.findall(r"<(?:html|p) lang[^>]*>", answer.text)
    )
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"\{[{%]|<script|<style|<link|style=", answer.text)


@pytest.mark.parametrize(
    "method,address,status",
    [
        ("GET", "/orders/unknown.json", 503),  # the database is away
        ("GET", "/orders/a%00b.json", 404),
        ("GET", "/nowhere.json", 404),
        ("POST", "/certificates/unknown.json", 405),
        ("POST", "/webhooks/nowhere", 404),
        ("GET", "/webhooks/registry", 405),
        ("POST", "/webhooks/paypal/00000000-0000-0000-0000-000000000000", 503),
        ("POST", "/healthz", 405),
    ],
)
def test_machines_get_json(alone: Flask, method: str, address: str, status: int):
    answer = alone.test_client().open(address, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    assert answer.get_json() == {"status": status}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_of_an_earlier_visit_says_what_to_do(alone: Flask, language: str):
    first, second = visitor(alone), visitor(alone)
    fields = first.get(f"/{language}/find-order").form(f"/{language}/find-order").fields
    second.get(f"/{language}/find-order")
    page = second.post(f"/{language}/find-order", fields, status=400)
    with alone.app_context(), force_locale(language):
        assert page.h1 == gettext("This form was open too long")
        assert gettext("Go back, load the page again, and send the form once more.") in page.text


def test_a_body_that_is_too_large_is_told(alone: Flask):
    form = visitor(alone).get("/en/find-order").form("/en/find-order")
    page = form.page.client.post("/en/find-order", form.fields | {"email": ["x" * 300_000]}, status=413)
    assert page.h1 == WHAT[413]


def addresses(app: Flask) -> list[str]:
    """Every address that can be opened, with {} where a value goes."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    # Where a value is one of a few, or an id, no other is the same page.
    chosen = [re.sub(r"<any\('?([\w-]+)[^>]*>", r"\1", rule.rule) for rule in rules]
    ids = [re.sub(r"<uuid:[^>]*>", "00000000-0000-0000-0000-000000000000", address) for address in chosen]
    return [re.sub(r"<[^>]*>", "{}", re.sub(r"<int:[^>]*>", "1", address)) for address in ids]


def test_no_value_in_a_path_or_a_query_breaks_a_page(app: Flask):
    client = app.test_client()
    answers = {}
    names = ("q", "country", "vintage", "min_price", "page", "sort", "code", "back", "seen", "offer", "x")
    for address in addresses(app):
        limited = "certificates" in address or address == "/readyz"
        for nasty in NASTY[:3] if limited else NASTY:
            tried = [f"{address}?{'&'.join(f'{name}={nasty}' for name in names)}", f"{address}?{nasty}=1"]
            if "{}" in address:
                tried.append(address.replace("{}", nasty))
            for url in tried:
                answers[url[:90]] = client.get(url.replace("{}", "unknown")).status_code
    assert len(answers) > 300
    assert {url: status for url, status in answers.items() if status >= 500} == {}
    assert {status for url, status in answers.items() if "=%00" in url} == {400}
    assert set(answers.values()) <= {200, 204, 302, 303, 308, 400, 404, 429}


def test_no_value_in_a_form_breaks_a_page(app: Flask):
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    fields = (
        "email",
        "offer",
        "quantity",
        "change",
        "read_back",
        "beneficiary_name",
        "reason",
        "method",
        "consent_terms",
    )
    found = {}
    for rule in posts(app):
        address = re.sub(r"<[^>]*>", "unknown", rule.rule.replace("<any(en, fr, es):lang_code>", "en"))
        for nasty in ("a\0b", "\ud800", "\x01\r\n", "\u202e", "9" * 4000):
            raw = "&".join(f"{name}={_quoted(nasty)}" for name in fields)
            answer = client.post(address, data=raw, content_type="application/x-www-form-urlencoded")
            found[address, nasty[:4]] = answer.status_code
    assert {status for (_, nasty), status in found.items() if "\0" in nasty} == {400}
    assert {where: status for where, status in found.items() if status >= 500} == {}


def posts(app: Flask) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.endpoint.startswith("webhooks.")
    ]


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))


def test_every_page_can_be_asked_for_its_head_and_its_methods(app: Flask):
    client = app.test_client()
    tried = 0
    for address in addresses(app):
        url = address.replace("{}", "unknown")
        whole, head, options = client.get(url), client.head(url), client.options(url)
        assert head.status_code == whole.status_code, url
        assert head.data == b"", url
        assert head.mimetype == whole.mimetype, url
        assert options.status_code == 200, url
        assert {"GET", "HEAD", "OPTIONS"} <= set(options.allow), url
        tried += 1
    assert tried > 12
