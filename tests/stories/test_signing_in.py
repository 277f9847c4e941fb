"""People sign in as what they are, at the sandbox's identity provider and at a real Keycloak; and leave nothing."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.stories.browsing import barriers, too_wide
from tests.stories.platform import Platform
from tests.stories.sites import ADMINISTRATOR, NAME, PROVIDER, Site, header, names, signs_in

pytestmark = pytest.mark.story

Open = Callable[..., Page]


def presses_sign_in(page: Page) -> None:
    header(page).locator("a[href*='/sign-in?']").click()


def presses_sign_out(page: Page, realm: str = "public") -> None:
    header(page).locator(f".who:has([name=realm][value={realm}]) button").click()
    expect(page).to_have_url(re.compile(r"/signed-out$"))


def opens(page: Page, site: Site, path: str) -> None:
    page.goto(f"{site.url}/en{path}")


@pytest.mark.parametrize(
    "width,script", [(1280, True), (390, True), (390, False)], ids=["wide", "phone", "plain"]
)
def test_a_buyer_signs_in_and_out(site: Site, window: Open, width: int, script: bool) -> None:
    page, ana = window(width=width, script=script), site.person("public")
    opens(page, site, "/projects?q=cooking")
    presses_sign_in(page)
    signs_in(page, site, ana)
    expect(page).to_have_url(f"{site.url}/en/projects?q=cooking")
    assert names(page) == [NAME]
    if script:
        assert barriers(page) == []
    assert too_wide(page) == []
    presses_sign_out(page)
    assert names(page) == []
    if script:
        assert barriers(page) == []
    # And at the identity provider, too: it asks who it is.
    presses_sign_in(page)
    expect(page.locator("#username")).to_be_visible()


def test_a_provider_signs_in_to_the_console(site: Site, window: Open) -> None:
    page, paula = window(), site.person("registry", **PROVIDER)
    opens(page, site, "/console")
    signs_in(page, site, paula)
    expect(page).to_have_url(f"{site.url}/en/console")
    assert names(page) == [NAME]
    assert page.locator("main").inner_text()


def test_an_administrator_types_a_code_and_once_more_to_confirm(site: Site, window: Open) -> None:
    page, vera = window(), site.person("registry", **ADMINISTRATOR)
    opens(page, site, "/console/admin/people")
    signs_in(page, site, vera)
    expect(page).to_have_url(f"{site.url}/en/console/admin/people")
    cookie = console_cookie(page)
    page.goto(f"{site.url}/en/console/elevate?next=/en/console/admin/people")
    signs_in(page, site, vera)
    expect(page).to_have_url(f"{site.url}/en/console/admin/people")
    assert console_cookie(page) not in (cookie, None)
    assert names(page) == [NAME]


def console_cookie(page: Page) -> str | None:
    """The value of the console's cookie, which no script can read."""
    return {each["name"]: each["value"] for each in page.context.cookies()}.get("vcp-console")


def test_two_people_at_one_browser_in_turn(site: Site, window: Open, platform: Platform) -> None:
    page, ana, ben = window(), site.person("public"), site.person("public")
    offer = platform.providers()[0][0]
    opens(page, site, "/sign-in")
    signs_in(page, site, ana)
    opens(page, site, f"/projects/{offer.activity_ref}")
    form = page.locator(f"form:has([name=offer][value='{offer.id}'])").first
    form.locator("[name=quantity]").fill("3")
    form.locator("button").click()
    expect(page).to_have_url(re.compile(r"/basket$"))
    expect(page.locator(".nav .count")).to_have_text("1")
    presses_sign_out(page)
    assert page.locator(".nav .count").count() == 0
    presses_sign_in(page)
    signs_in(page, site, ben)
    opens(page, site, "/basket")
    assert names(page) == [NAME]
    assert page.locator(".nav .count").count() == 0, "nothing of the first is left"
    # The way back through the history shows nothing of the first either.
    for _ in range(4):
        page.go_back()
        assert page.locator(".nav .count").count() == 0


def test_one_person_in_both_realms_at_once(site: Site, window: Open) -> None:
    page = window()
    opens(page, site, "/sign-in")
    signs_in(page, site, site.person("public"))
    opens(page, site, "/console")
    signs_in(page, site, site.person("registry", **PROVIDER))
    assert names(page) == [NAME, NAME]
    presses_sign_out(page, "registry")
    assert names(page) == [NAME]
    opens(page, site, "/projects")
    presses_sign_out(page, "public")
    assert names(page) == []


def test_a_sign_out_that_begins_at_the_provider_ends_it_here(site: Site, window: Open) -> None:
    page, ana = window(), site.person("public")
    opens(page, site, "/sign-in?next=/en/find-order")
    signs_in(page, site, ana)
    assert names(page) == [NAME]
    site.end_sessions(ana)
    # The back channel is called by the provider in its own time.
    for _ in range(100):
        page.reload()
        if not names(page):
            break
        page.wait_for_timeout(100)
    assert names(page) == []
    assert "vcp-public" not in {each["name"] for each in page.context.cookies()}


def test_whoever_breaks_it_off_can_go_on_without(site: Site, window: Open) -> None:
    page = window()
    opens(page, site, "/find-order")
    presses_sign_in(page)
    expect(page.locator("#kc-login")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{site.url}/en/find-order")
    assert names(page) == []
