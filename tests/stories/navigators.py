"""A buyer at a browser: what people do on the platform, in sentences, in any of its languages.

Elements are found by the names of fields, by roles and by addresses, never by words.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.stories.browsing import Watch
from tests.stories.platform import OnSale, Platform

PATIENCE = 30_000  # milliseconds until something counts as not happening


@dataclass(frozen=True)
class Wishes:
    """What the certificate is to say."""

    beneficiary_type: str = "organisation"
    name: str | None = "Coopérative Ñandú"  # None: stay anonymous
    country: str = "FR"
    purpose: str = "event"
    reason: str = "Our annual meeting 2026 & thanks to “everybody”"


class Buyer:
    """One person with one browser window, who reads the platform in one language."""

    def __init__(
        self, page: Page, platform: Platform, watch: Watch, *, language: str, script: bool, email: str
    ):
        self.page = page
        self.platform = platform
        self.watch = watch
        self.language = language
        self.script = script
        self.email = email

    # Looking for projects.

    def opens(self, path: str) -> None:
        """A page by its address, in the buyer's language: `/projects`."""
        self.page.goto(f"{self.platform.url}/{self.language}{path}")

    def searches_for(self, words: str) -> None:
        """Types into the search field and presses Enter."""
        self.page.fill("#q", words)
        self.page.press("#q", "Enter")
        self.page.wait_for_url(re.compile(r"[?&]q="))

    def finds(self, offer: OnSale) -> None:
        """From the catalogue to the page of the offer's project."""
        self.opens("/projects")
        self.searches_for(offer.title)
        self.page.locator(f"#results h3 a[href$='/{offer.activity_ref}']").click()
        expect(self.page.locator("h1")).to_have_text(offer.title)

    def chooses(self, offer: OnSale, tonnes: int) -> None:
        """Puts so many tonnes of an offer into the basket."""
        self.finds(offer)
        form = self.form_of(offer)
        form.locator("[name=quantity]").fill(str(tonnes))
        form.locator("button").click()
        expect(self.page).to_have_url(re.compile(r"/basket$"))

    def chooses_two_offers(self, first: tuple[OnSale, int], second: tuple[OnSale, int]) -> None:
        """Fills the basket."""
        self.chooses(*first)
        self.chooses(*second)
        expect(self.page.locator(".basket-lines > li")).to_have_count(2)

    def form_of(self, offer: OnSale) -> Locator:
        """Where an offer is bought on its project's page."""
        return self.page.locator("#offers form").filter(has=self.page.locator(f"[value='{offer.id}']"))

    # Ordering.

    def fills_in_the_certificate(
        self, wishes: Wishes, certificate_language: str | None = None, method: str = "paypal"
    ) -> None:
        """From the basket over the certificate's details to the page that reads everything back."""
        self.page.locator("main a[href$='/checkout']").click()
        self.picks("beneficiary_type", wishes.beneficiary_type)
        if wishes.name is None:
            self.picks("disclosure", "anonymous")
        else:
            self.picks("disclosure", "public")
            self.page.fill("[name=beneficiary_name]", wishes.name)
        self.page.select_option("[name=beneficiary_country]", wishes.country)
        self.page.select_option("[name=purpose]", wishes.purpose)
        self.page.fill("[name=reason]", wishes.reason)
        self.page.fill("[name=email]", self.email)
        self.picks("certificate_language", certificate_language or self.language)
        self.picks("method", method)
        self.page.locator("#details-form .buttons button").click()
        expect(self.page).to_have_url(re.compile(r"/checkout/confirm$"))

    def picks(self, name: str, value: str) -> None:
        """One of several cards, by its label as people do."""
        radio = self.page.locator(f"[name={name}][value={value}]")
        self.page.locator("label").filter(has=radio).click()
        expect(radio).to_be_checked()

    def reads_back_and_places(self, *expected: str, transfer: bool = False) -> None:
        """Finds everything as it was wished, agrees and orders."""
        for text in (self.email, *expected):
            expect(self.page.locator("main")).to_contain_text(text)
        for consent in self.page.locator("[name^=consent_]").all():
            consent.check()
        self.page.locator("form:has([name=read_back]) .buttons button").click()
        onwards = rf"^{re.escape(self.platform.town.paypal.url)}/|/order-groups/"
        self.page.wait_for_url(re.compile(rf"{onwards}|/orders/[^/]+/pay$" if transfer else onwards))

    # Paying.

    def pays_at_paypal(self, scenario: str = "approve") -> None:
        """Chooses what happens on the gateway's page, and is led back to the order."""
        self.page.wait_for_url(f"{self.platform.town.paypal.url}/**")
        self.page.check(f"[name=scenario][value={scenario}]")
        self.page.locator("button").click()
        self.page.wait_for_url(re.compile(r"/orders/[^/?]+(\?back=unpaid)?(&|$|\?token)"))

    def starts_again(self) -> None:
        """From an unpaid order to the gateway once more."""
        self.waits_for("#pay")
        self.page.locator("#pay").click()
        self.page.wait_for_load_state()
        # After an attempt that failed the page of the payment says so first.
        again = self.page.locator("main form[action$='/pay'] button").first
        if self.order_token() is not None and again.is_visible():
            again.click()
        self.page.wait_for_url(f"{self.platform.town.paypal.url}/**")

    def order_token(self) -> str | None:
        """The secret part of the order's address, where its page is open."""
        match = re.search(r"/orders/([^/?]+)", urlsplit(self.page.url).path)
        return match[1] if match else None

    def waits_for(self, selector: str) -> Locator:
        """Until the order's page shows it: by itself with a script, else by reading the page again."""
        there = self.page.locator(selector).first
        if self.script:
            there.wait_for(timeout=PATIENCE)
            return there
        for _ in range(PATIENCE // 500):
            if there.count():
                return there
            expect(self.page.locator("meta[http-equiv=refresh]")).to_be_attached()
            self.page.wait_for_timeout(500)
            self.page.reload()
        raise AssertionError(f"{selector} does not come: {self.page.locator('main').inner_text()}")

    def waits_for_the_certificate(self) -> str:
        """Stays on the order's page until the certificate is there; opens it. Its code."""
        self.page.evaluate("window.sameView = true")
        link = self.waits_for("#order .ready a[href*='/certificates/']:not([href$='.pdf'])")
        if self.script:
            assert self.page.evaluate("window.sameView"), (
                "the page was loaded again, it did not move by itself"
            )
        # Nothing moves any more, so nothing is asked any more.
        expect(self.page.locator("#order[hx-get], meta[http-equiv=refresh]")).to_have_count(0)
        link.click()
        self.page.wait_for_url(re.compile(rf"/{self.language}/certificates/[^/]+$"))
        return urlsplit(self.page.url).path.rsplit("/", 1)[1]

    # Moving about.

    def switches_to(self, language: str) -> None:
        """The language switch in the head of the page, folded out first."""
        menu = self.page.locator("header details[data-menu]").filter(visible=True)
        menu.locator("summary").click()
        menu.locator(f"a[hreflang={language}]").click()
        expect(self.page.locator("html")).to_have_attribute("lang", language)
        self.language = language

    def tabs_to(self, selector: str, most: int = 60) -> None:
        """Presses Tab until the element has the focus, which must be seen."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                assert self.page.evaluate(_FOCUS_IS_SEEN), f"nobody sees the focus on {selector}"
                return
        raise AssertionError(f"the keyboard does not reach {selector}")


# Drawn around the element, or around what stands for it: a radio's card, say.
_FOCUS_IS_SEEN = """() => {
    const there = document.activeElement;
    return [there, there.parentElement, there.nextElementSibling].filter(Boolean).some((element) => {
        const style = getComputedStyle(element);
        return style.outlineStyle !== "none" || style.boxShadow !== "none";
    });
}"""
