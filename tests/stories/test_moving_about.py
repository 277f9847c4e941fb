"""Reading and choosing: languages, filters, the way back, and the keyboard alone."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.stories.conftest import Arrive
from tests.stories.navigators import Buyer, Wishes
from tests.stories.platform import Platform

pytestmark = pytest.mark.story


def shown(buyer: Buyer) -> list[str]:
    """The projects on the page, by their references."""
    links = buyer.page.locator("#results h3 a")
    return [str(link.get_attribute("href")).rsplit("/", 1)[1] for link in links.all()]


def query(buyer: Buyer) -> dict[str, list[str]]:
    """The state of the search, as the address has it; what is empty is left out."""
    return parse_qs(urlsplit(buyer.page.url).query)


@pytest.mark.parametrize("width, script", [(390, True), (1280, False)], ids=["390-script", "1280-plain"])
def test_switching_the_language_keeps_the_page(arrive: Arrive, platform: Platform, width: int, script: bool):
    offer = platform.providers()[0][0]
    buyer = arrive("en", width=width, script=script)
    for path in (
        "/projects?country=BR&country=MW&sort=title",
        f"/projects/{offer.activity_ref}",
        "/find-order",
    ):
        for language in ("fr", "es", "en"):
            if language == "fr":
                buyer.opens(path)
            buyer.switches_to(language)
            parts = urlsplit(buyer.page.url)
            assert f"{parts.path}?{parts.query}".rstrip("?") == f"/{language}{path}"


def test_the_address_alone_filters(arrive: Arrive) -> None:
    buyer = arrive(script=False)
    buyer.opens("/projects")
    everything = shown(buyer)
    buyer.opens("/projects?country=BR&technology=wind&sort=title")
    found = shown(buyer)
    assert found
    assert set(found) != set(everything)
    assert {reference.split("-")[1] for reference in found} == {"BR"}
    expect(buyer.page.locator("[name=country]:checked")).to_have_value("BR")
    expect(buyer.page.locator("[name=technology]:checked")).to_have_value("wind")
    expect(buyer.page.locator("#sort")).to_have_value("title")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_filter_works_as_a_plain_form(arrive: Arrive, width: int) -> None:
    buyer = arrive("es", width=width, script=False)
    buyer.opens("/projects?country=BR")
    if not buyer.page.locator("#filters .apply").is_visible():
        buyer.page.locator("details.filters > summary").click()
    buyer.page.check("[name=technology][value=wind]")
    buyer.page.locator("#filters .apply").click()
    buyer.page.wait_for_url(re.compile("technology=wind"))
    assert (query(buyer)["country"], query(buyer)["technology"]) == (["BR"], ["wind"])
    assert {reference.split("-")[1] for reference in shown(buyer)} == {"BR"}


def test_the_way_back_leads_through_the_filters(arrive: Arrive) -> None:
    buyer = arrive()
    buyer.opens("/projects?sort=title")
    everything, count = shown(buyer), " ".join(str(buyer.page.text_content("#count")).split())
    buyer.page.evaluate("window.sameView = true")
    buyer.page.check("[name=country][value=BR]")
    buyer.page.wait_for_url(re.compile("country=BR"))
    expect(buyer.page.locator("#count")).not_to_have_text(count)
    assert buyer.page.evaluate("window.sameView"), "the whole page was loaded, not only the results"
    filtered = shown(buyer)
    assert {reference.split("-")[1] for reference in filtered} == {"BR"}

    buyer.page.locator("#results h3 a").first.click()
    expect(buyer.page.locator("#offers")).to_be_visible()
    buyer.page.go_back()
    expect(buyer.page.locator("[name=country]:checked")).to_have_value("BR")
    assert shown(buyer) == filtered

    buyer.page.go_back()
    expect(buyer.page.locator("#count")).to_have_text(count)
    expect(buyer.page.locator("[name=country]:checked")).to_have_count(0)
    assert shown(buyer) == everything


def test_a_search_as_one_types_swaps_only_the_results(arrive: Arrive, platform: Platform) -> None:
    offer = platform.providers()[0][0]
    buyer = arrive("fr", width=390)
    buyer.opens("/projects")
    buyer.page.evaluate("window.sameView = true")
    buyer.page.locator("#q").press_sequentially(offer.title)
    buyer.page.wait_for_url(re.compile(r"[?&]q="))
    expect(buyer.page.locator("#results h3 a").first).to_have_attribute(
        "href", re.compile(offer.activity_ref)
    )
    assert buyer.page.evaluate("window.sameView"), "the whole page was loaded, not only the results"
    expect(buyer.page.locator("#q")).to_be_focused()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_the_keyboard_alone_buys(arrive: Arrive, platform: Platform, script: bool) -> None:
    offer = platform.providers()[1][-2]
    buyer = arrive(script=script)
    press = buyer.page.keyboard.press
    buyer.opens("/projects")
    buyer.tabs_to(".skip", 1)
    press("Enter")
    buyer.tabs_to("#q", 2)
    buyer.page.keyboard.type(offer.title)
    if not script:  # with one the results follow as one types
        press("Enter")
    buyer.page.wait_for_url(re.compile(r"[?&]q="))
    buyer.tabs_to(f"#results h3 a[href$='/{offer.activity_ref}']", 120)
    press("Enter")
    buyer.page.wait_for_url(f"**/{offer.activity_ref}")
    buyer.tabs_to(f"form:has([value='{offer.id}']) [name=quantity]")
    press("Control+a")
    buyer.page.keyboard.type("2")
    buyer.tabs_to(f"form:has([value='{offer.id}']) button", 1)
    press("Enter")
    buyer.page.wait_for_url("**/basket")
    buyer.tabs_to("main a[href$='/checkout']")
    press("Enter")
    buyer.page.wait_for_url("**/checkout")
    buyer.tabs_to("[name=beneficiary_type]")
    press("Space")
    buyer.tabs_to("[name=disclosure]", 1)
    press("Space")
    buyer.tabs_to("[name=beneficiary_name]", 1)
    buyer.page.keyboard.type("Bäckerei Beispiel")
    buyer.tabs_to("[name=beneficiary_country]", 1)
    buyer.page.keyboard.type("France")
    buyer.tabs_to("[name=purpose]", 1)
    press("ArrowDown")
    buyer.tabs_to("[name=reason]", 1)
    buyer.page.keyboard.type("Typed, not clicked")
    buyer.tabs_to("[name=email]", 1)
    buyer.page.keyboard.type(buyer.email)
    buyer.tabs_to("[name=method]", 2)
    press("Space")
    for _ in range(buyer.page.locator("[name=method]").count()):
        if buyer.page.locator("[name=method][value=paypal]").is_checked():
            break
        press("ArrowDown")
    buyer.tabs_to("#details-form .buttons button", 2)
    press("Enter")
    buyer.page.wait_for_url("**/checkout/confirm")
    expect(buyer.page.locator("main")).to_contain_text("Bäckerei Beispiel")
    buyer.tabs_to("[name=consent_terms]")
    press("Space")
    buyer.tabs_to("[name=consent_immediate]", 1)
    press("Space")
    buyer.tabs_to("form:has([name=read_back]) button", 1)
    press("Enter")
    buyer.page.wait_for_url(f"{platform.town.paypal.url}/**")
    buyer.pays_at_paypal("cancel")
    buyer.tabs_to("#pay")
    buyer.tabs_to(".withdraw summary")  # folded out already
    buyer.tabs_to("#withdraw", 1)
    press("Enter")
    buyer.page.wait_for_url(re.compile(r"/orders/[^/?]+$"))
    expect(buyer.page.locator("#withdraw")).to_have_count(0)


def test_menus_close_on_escape(arrive: Arrive) -> None:
    buyer = arrive(width=390)
    buyer.opens("/projects")
    menu = buyer.page.locator("header .small-nav details")
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    buyer.page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_what_is_wrong_is_said_first_and_nothing_is_lost(arrive: Arrive, platform: Platform, script: bool):
    offer = platform.providers()[6][-1]
    buyer = arrive("es", script=script)
    buyer.watch.answers_expected.add(422)
    buyer.chooses(offer, 5)
    buyer.page.locator("main a[href$='/checkout']").click()
    buyer.page.fill("[name=email]", "nobody")
    buyer.page.fill("[name=reason]", Wishes.reason)
    buyer.page.locator("#details-form .buttons button").click()
    summary = buyer.page.locator(".error-summary")
    expect(summary.locator("a[href='#email']")).to_be_visible()
    if script:
        expect(summary).to_be_focused()
    summary.locator("a[href='#email']").click()
    expect(buyer.page.locator("#email")).to_be_focused()
    expect(buyer.page.locator("[name=reason]")).to_have_value(Wishes.reason)
    expect(buyer.page.locator("[name=email]")).to_have_value("nobody")
