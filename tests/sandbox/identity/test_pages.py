"""The pages for people: without script, honest about being a sandbox, and closed to everything else."""

import html5lib
import httpx
import pytest
from bs4 import BeautifulSoup

from tests.sandbox.identity.relying import ANA, OTTO, PLATFORM, VERA, code_now, seeded


def pages_of(relying, identity):
    """Each page once, as a browser is shown it."""
    public, registry = relying(), relying("registry")
    yield "sign in", public.ask()
    yield "wrong password", public.password(public.ask(), ANA, "wrong")
    yield "register", public.ask(prompt="create")
    yield "second factor", registry.password(registry.ask(), VERA)
    yield "error", public.ask(client_id="nobody")
    yield "forgot", public.http.get(f"{public.issuer}/login-actions/reset-credentials")
    yield "confirm", public.http.get(f"{public.endpoints}/logout")
    yield "signed out", public.http.post(f"{public.endpoints}/logout")
    public.sign_in(ANA)
    yield "sign in again", public.ask(prompt="login")
    yield "different person", public.password(public.ask(prompt="login"), OTTO)
    yield "account", httpx.get(f"{public.issuer}/account")
    yield "people", httpx.get(f"{identity.url}/")
    yield "person", httpx.get(f"{identity.url}/people/public/{seeded('public', ANA)['id']}")
    yield "administrator", httpx.get(f"{identity.url}/people/registry/{seeded('registry', VERA)['id']}")


@pytest.fixture
def pages(relying, identity):
    return dict(pages_of(relying, identity))


def test_every_page_is_sound_and_says_what_it_is(pages):
    assert len(pages) == 14
    for answer in pages.values():
        html5lib.HTMLParser(strict=True).parse(answer.text)
        page = BeautifulSoup(answer.text, "html.parser")
        assert "Sandbox sign-in – no real people, no real passwords" in page.get_text()
        assert "Sandbox" in page.title.get_text()
        assert page.html["lang"] == "en"
        assert len(page.select("h1")) == 1


def test_every_field_has_its_label(pages):
    seen = 0
    for answer in pages.values():
        page = BeautifulSoup(answer.text, "html.parser")
        for field in page.select("input:not([type=hidden])"):
            assert page.select_one(f"label[for='{field['id']}']").get_text(strip=True)
            seen += 1
    assert seen > 10


def test_no_script_nothing_inline_nothing_from_elsewhere(pages):
    for answer in pages.values():
        page = BeautifulSoup(answer.text, "html.parser")
        assert page.select("script, style, [style], [onclick], [onsubmit], iframe") == []
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'")
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_form_may_end_at_the_client_that_asked_and_nowhere_else(pages):
    policies = {name: answer.headers["Content-Security-Policy"] for name, answer in pages.items()}
    leading = {name for name, policy in policies.items() if f"form-action 'self' {PLATFORM};" in policy}
    assert leading == {"sign in", "wrong password", "register", "second factor", "sign in again"}


def test_what_is_typed_is_escaped(relying):
    browser = relying()
    nasty = '"><script>alert(1)</script>'
    for answer in (
        browser.ask(login_hint=nasty),
        browser.ask(state=nasty),
        browser.ask(prompt="create", login_hint=nasty),
        browser.ask(client_id=nasty),
    ):
        assert "<script>" not in answer.text


def test_the_front_page_lists_who_there_is_and_who_is_signed_in(identity, relying):
    relying().sign_in(ANA)
    page = BeautifulSoup(httpx.get(f"{identity.url}/").text, "html.parser")
    rows = [[cell.get_text(strip=True) for cell in row.select("td")] for row in page.select("tbody tr")]
    [ana] = [row for row in rows if row[1] == ANA]
    assert ana[0] == "Ana Sample"
    assert ana[-1] == "signed in"
    [vera] = [row for row in rows if row[1] == VERA]
    assert vera[3] == "registry-administrator"


def test_the_page_of_an_administrator_shows_the_code(identity):
    page = httpx.get(f"{identity.url}/people/registry/{seeded('registry', VERA)['id']}").text
    assert code_now() in page or code_now() in httpx.get(f"{identity.url}/").text
    assert httpx.get(f"{identity.url}/people/registry/nobody").status_code == 404


def test_the_style_sheet_is_there(identity, relying):
    page = BeautifulSoup(relying().ask().text, "html.parser")
    sheet = httpx.get(identity.url + page.select_one("link[rel=stylesheet]")["href"])
    assert (sheet.status_code, sheet.headers["Content-Type"].partition(";")[0]) == (200, "text/css")
