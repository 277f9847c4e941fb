"""At the console: what a provider does with their own token, and what an administrator does with a code and a reason."""

import re

import pytest
from playwright.sync_api import expect

from tests.stories.browsing import sound
from tests.stories.conftest import Open
from tests.stories.sites import ADMINISTRATOR, NAME, PROVIDER, Site, signs_in

pytestmark = pytest.mark.story

BLOCK = "BLK-00001"  # in the account of the provider's person; some of it is free


@pytest.mark.parametrize("width", [1280, 390])
def test_a_provider_offers_units_and_takes_them_back(site: Site, window: Open, width: int) -> None:
    page, paula = window(width=width, expects=[422]), site.person("registry", **PROVIDER)
    page.goto(f"{site.url}/en/console/holdings")
    signs_in(page, site, paula)
    expect(page).to_have_url(f"{site.url}/en/console/holdings")
    sound(page)
    page.locator("tr", has_text=BLOCK).get_by_role("link", name="Offer units").click()
    page.fill("[name=quantity]", "a few")
    page.fill("[name=price]", "11.20")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#quantity")).to_have_value("a few")  # nothing that was typed is lost
    sound(page)
    page.fill("[name=quantity]", "7")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("The registry earmarks 7 t")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="Publish").click()
    expect(page).to_have_url(f"{site.url}/en/console/offers")
    page.goto(f"{site.url}/en/console/holdings")
    earmarked = page.locator("td[data-label=Earmarked]").get_by_text("7", exact=True)
    mandate = page.locator("section:has(#mandates) tr", has=earmarked).filter(has_text="Active")
    number = mandate.locator("th").inner_text()
    mandate.get_by_role("link", name="Take back").click()
    page.locator("main form button").first.click()
    expect(page).to_have_url(f"{site.url}/en/console/holdings")
    expect(page.locator("section:has(#mandates) tr", has_text=number)).not_to_contain_text("Active")


@pytest.mark.parametrize("width", [1280, 390])
def test_an_administrator_stops_a_provider_and_lets_it_go_on(site: Site, window: Open, width: int) -> None:
    page, vera = window(width=width, expects=[422]), site.person("registry", **ADMINISTRATOR)
    page.goto(f"{site.url}/en/console/admin/providers")
    signs_in(page, site, vera)
    sound(page)
    page.locator("main tbody tr").last.locator("th a").click()
    provider = page.url
    for act, state, why in (
        ("Suspend", "Suspended", f"Asked to, {width}"),
        ("Reinstate", "Active", "All is well"),
    ):
        page.get_by_role("link", name=re.compile(act)).click()
        page.locator("main form button").first.click()
        expect(page.locator("[aria-invalid=true]")).to_be_visible()  # a reason is due
        page.fill("[name=reason]", why)
        page.locator("main form button").first.click()
        expect(page).to_have_url(provider)
        expect(page.locator(".page-head .chip")).to_have_text(state)
        sound(page)
    page.goto(f"{site.url}/en/console/admin/audit")
    newest = page.locator("main tbody tr").first
    expect(newest).to_contain_text("All is well")
    expect(newest).to_contain_text(NAME)
    expect(page.locator("main tbody tr", has_text=f"Asked to, {width}").first).to_be_visible()
