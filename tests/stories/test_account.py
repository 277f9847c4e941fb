"""A guest becomes a buyer with an account: everything is found there, bought for an organisation, taken away, erased."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.domain.certificates.queries import certificate_of
from app.domain.orders.models import Order
from app.shells.start_checkout import start_checkout
from tests.factories import make_details
from tests.stories.browsing import barriers, too_wide
from tests.stories.conftest import Arrive
from tests.stories.evidence import mail_to
from tests.stories.platform import OnSale, Platform
from tests.stories.sites import header
from tests.town import place

pytestmark = pytest.mark.story

NAME = "Coopérative Ñandú"


@pytest.mark.parametrize("width,script", [(1280, True), (390, False)], ids=["wide", "plain"])
def test_from_guest_to_account_and_away(
    arrive: Arrive, platform: Platform, width: int, script: bool, tmp_path: Path
) -> None:
    buyer = arrive(width=width, script=script)
    buyer.watch.also = platform.town.identity.url
    page = buyer.page
    offer = platform.providers()[3][0]
    earlier = bought_as_a_guest(platform, offer, buyer.email.upper())

    # Sign up, verify, and be back where one wanted to go.
    buyer.opens("/account")
    registers(page, platform, buyer.email)
    expect(page).to_have_url(f"{platform.url}/en/account")
    assert "Una Sample" in header(page).locator(".who bdi").all_inner_texts()
    well_made(page, script)

    # The guest's order is added.
    expect(page.locator("main .notice").first).to_contain_text("1 order was made as a guest")
    page.locator("form[action$='/account/claim'] button").click()
    expect(page.locator("main tbody tr")).to_have_count(1)
    expect(page.locator("main tbody")).to_contain_text(earlier.number)

    # An organisation, and a name to choose again.
    buyer.opens("/account/organisations")
    page.fill("[name=name]", "Sample Bakery")
    page.select_option("[name=country]", "FR")
    page.locator("form:has([name=name]) button").click()
    expect(page.locator("h1")).to_have_text("Sample Bakery")
    well_made(page, script)
    buyer.opens("/account/saved-names")
    buyer.picks("kind", "organisation")
    page.fill("[name=name]", NAME)
    page.select_option("[name=country]", "FR")
    page.select_option("[name=owner]", label="Sample Bakery")
    page.locator("form:has([name=owner]) button").click()
    expect(page.locator("main tbody")).to_contain_text(NAME)
    well_made(page, script)

    # Buy for it: nothing to type but what the units are cancelled for.
    buyer.chooses(offer, 5)
    page.locator("main a[href$='/checkout']").click()
    page.locator("label.choice", has_text="Sample Bakery").click()
    page.select_option("[name=saved_beneficiary]", label=f"{NAME}, France (Sample Bakery)")
    expect(page.locator("[name=beneficiary_name]")).to_be_hidden()
    page.select_option("[name=purpose]", "event")
    expect(page.locator("[name=email]")).to_have_value(buyer.email)
    buyer.picks("method", "paypal")
    well_made(page, script)
    page.locator("#details-form .buttons button").click()
    buyer.reads_back_and_places(NAME, "Sample Bakery")
    buyer.pays_at_paypal()
    code = buyer.waits_for_the_certificate()
    expect(page.locator("main article")).to_contain_text(NAME)

    # Both orders with their certificates; one of them for the organisation.
    buyer.opens("/account")
    expect(page.locator("main tbody tr")).to_have_count(2)
    expect(page.locator(f"main a[href='/certificates/{code}.pdf']")).to_be_visible()
    page.select_option("[name=organisation]", label="Sample Bakery")
    page.locator(".which button").click()
    expect(page.locator("main tbody tr")).to_have_count(1)
    well_made(page, script)

    # Take everything with one.
    buyer.opens("/account/privacy")
    with page.expect_download() as download:
        page.locator("form[action$='/account/export'] button").click()
    download.value.save_as(tmp_path / "my-data.json")
    taken: dict[str, Any] = json.loads((tmp_path / "my-data.json").read_text(encoding="utf-8"))
    assert taken["person"]["email"] == buyer.email
    assert earlier.number in {order["number"] for order in taken["orders"]}
    assert [each["name"] for each in taken["organisations"]] == ["Sample Bakery"]

    # And be forgotten.
    page.locator("main a[href$='/account/erase']").click()
    well_made(page, script)
    page.fill("[name=word]", "erase")
    page.locator("form:has([name=word]) button").click()
    expect(page).to_have_url(f"{platform.url}/en/account/erased")
    expect(header(page).locator(".who")).to_have_count(0)
    well_made(page, script)
    last = mail_to(platform, buyer.email, lambda mail: mail["subject"] == "Your data was erased")
    assert "This is the last mail that we send you." in last["text"]
    # What others may rely on is still there.
    page.goto(f"{platform.url}/en/certificates/{code}")
    expect(page.locator("main article")).to_contain_text(NAME)
    page.goto(f"{platform.url}/en/orders/{earlier.token}")
    expect(page.locator("h1")).to_be_visible()
    assert buyer.email.lower() not in page.content().lower()


def bought_as_a_guest(platform: Platform, offer: OnSale, email: str) -> Order:
    """An order with its certificate, placed some time ago without an account."""
    works = platform.works
    [order] = place(works, {offer.id: 5}, make_details(email=email)).orders
    platform.town.approve(start_checkout(works, order.id), "approve")
    for _ in range(150):
        with works.sessions() as session:
            certificate = certificate_of(session, order.id)
        if certificate is not None and certificate.pdf_sha256 is not None:
            return order
        time.sleep(0.2)
    raise AssertionError("the certificate does not come")


def registers(page: Page, platform: Platform, email: str) -> None:
    """At the identity provider: an account, and the link in the mail that verifies the address."""
    page.locator("a[href*='registrations']").click()
    for field, typed in {
        "email": email,
        "firstName": "Una",
        "lastName": "Sample",
        "password": "correct horse",
        "password-confirm": "correct horse",
    }.items():
        page.fill(f"#{field}", typed)
    page.locator("#kc-register-form button").click()
    page.get_by_text("Check your mail").first.wait_for()
    mail = mail_to(platform, email, lambda mail: mail["subject"] == "Verify your email address")
    [link] = re.findall(r"http\S+action-token\S+", mail["text"])
    page.goto(link)


def well_made(page: Page, script: bool) -> None:
    """Open to everybody, and not wider than the window."""
    assert too_wide(page) == []
    if script:
        assert barriers(page) == []
