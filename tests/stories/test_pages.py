"""Every page a visitor can come to: light, quiet, open to everybody, and never wider than the window."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.stories.browsing import barriers, first_view, too_wide
from tests.stories.conftest import Arrive
from tests.stories.places import NAMES, Places
from tests.stories.platform import Platform

pytestmark = pytest.mark.story

MOST_BYTES = 60_000
MOST_REQUESTS = 12


@pytest.fixture(scope="module")
def places(platform: Platform, browser: Browser) -> Iterator[Places]:
    return Places(platform, browser)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_light_and_open_to_everybody(arrive: Arrive, places: Places, platform: Platform, name: str):
    place = places.find(name)
    buyer = arrive(storage_state=place.cookies)
    buyer.watch.answers_expected.add(place.answer)
    page = buyer.page
    # Who is sent on to the gateway stays here for once.
    page.route(f"{platform.town.paypal.url}/**", lambda route: route.fulfill(status=204))

    view = first_view(page, f"{platform.url}/en{place.path}")
    assert view.transferred <= MOST_BYTES, view
    assert len(view.requests) <= MOST_REQUESTS, view
    assert barriers(page) == []

    # On a phone, in the dark, with everything folded out.
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.evaluate(UNFOLD)
    assert barriers(page) == []

    page.set_viewport_size({"width": 320, "height": 640})
    for language in ("en", "fr", "es"):
        page.goto(f"{platform.url}/{language}{place.path}")
        assert too_wide(page) == []
        page.evaluate(UNFOLD)
        assert too_wide(page) == []


# Menus of the head are looked at in a test of their own.
UNFOLD = """() => {
    for (const fold of document.querySelectorAll("main details")) fold.open = true;
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_menus_are_open_to_everybody(arrive: Arrive, width: int) -> None:
    buyer = arrive("fr", width=width)
    buyer.opens("/find-order")
    buyer.page.locator("header details[data-menu] > summary").filter(visible=True).click()
    assert barriers(buyer.page) == []


def test_errors_are_open_to_everybody(arrive: Arrive, places: Places) -> None:
    buyer = arrive("es", storage_state=places.find("basket").cookies)
    buyer.watch.answers_expected.add(422)
    buyer.opens("/checkout")
    buyer.page.fill("[name=email]", "nobody")
    buyer.page.locator("#details-form .buttons button").click()
    buyer.page.locator(".error-summary").wait_for()
    assert barriers(buyer.page) == []
    buyer.page.set_viewport_size({"width": 320, "height": 640})
    assert too_wide(buyer.page) == []
