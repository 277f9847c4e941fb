"""From the first sign-in of somebody whom no provider here knows to sold units, certificates and a list of the orders."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer
from app.domain.people.models import RegistryAccount
from tests.neighbours import Program, start_bank
from tests.stories.conftest import Arrive, Open
from tests.stories.console import Desk, assert_all_is_in_the_trail
from tests.stories.navigators import Wishes
from tests.stories.platform import OnSale, Platform
from tests.stories.sites import ADMINISTRATOR, Site, signs_in

pytestmark = [pytest.mark.story, pytest.mark.timeout(400)]

# Accounts of the registry's seed that no provider of the platform has.
NEWCOMERS = {1280: "GH-ACC-100108", 390: "GH-ACC-100116"}
BANK = {
    "holder": "Sample Stoves Ltd",
    "currency": "USD",
    "bank_name": "Sample Bank of Ghana",
    "bic": "GHCBGHACXXX",
    "bank_address": "1 Sample Street, Accra",
}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A bank at which the newcomers have accounts."""
    folder = tmp_path_factory.mktemp("bank")
    accounts = [
        {"gateway": "bank", "details": {**BANK, "local": {"account": number_of(width)}}}
        for width in NEWCOMERS
    ]
    (folder / "accounts.json").write_text(json.dumps({"providers": [{"payee_accounts": accounts}]}))
    with start_bank(folder, folder / "accounts.json") as program:
        yield program


def number_of(width: int) -> str:
    return f"10002003{width:04}"


@pytest.mark.parametrize("site", ["sandbox"], indirect=True)
@pytest.mark.parametrize("width", [1280, 390])
def test_somebody_new_sells_and_is_paid(
    arrive: Arrive,
    window: Open,
    site: Site,
    platform: Platform,
    bank: Program,
    tmp_path: Path,
    width: int,
) -> None:
    def at_desk(**who: object) -> Desk:
        return Desk(window(width=width, also=platform.town.stripe.url), site, site.person("registry", **who))

    def sends(account: str, reference: str, amount: str) -> None:
        """The bank moves the money, and the provider brings the statement."""
        sent = {"account": account, "amount": amount, "text": f"For {reference.lower()}"}
        assert httpx.post(f"{bank.url}/transfers", data=sent).status_code == 303
        (tmp_path / "statement").write_bytes(httpx.get(f"{bank.url}/statements/{account}.camt053").content)
        nora.opens("/statements")
        nora.page.set_input_files("[name=file]", tmp_path / "statement")
        nora.presses("Look at it")
        nora.presses("Commit 1 line")

    registry_account, number = NEWCOMERS[width], number_of(width)
    secret = f"rk_test_of_the_newcomer_{width}"
    seller = {"external_id": f"acct_1Newcomer{width:08}", "client_secret": secret, "mode": "own_key"}
    httpx.post(f"{platform.town.stripe.url}/sandbox/accounts", json=seller).raise_for_status()

    # The first sign-in, and what is missing.
    nora = at_desk(roles=("provider",), accounts=(registry_account,), codes=True)
    nora.page.goto(f"{site.url}/en/console")
    signs_in(nora.page, site, replace(nora.person, types_codes=False))
    nora.looks()
    nora.page.locator("main form button").click()
    expect(nora.page.locator("li", has_text="Missing")).to_have_count(3)
    nora.looks()
    nora.follows("Profile")
    nora.fills(
        display_name=f"Newcomer {width}", street="1 Sample Street", town="Accra", contact_name="Nora Sample"
    )
    nora.fills(contact_email=nora.person.email, website="https://stoves.example")
    nora.presses("Save")
    nora.follows("Read the terms")
    nora.page.locator("[name=accept]").check()
    nora.presses("Accept the terms")

    # Where it is paid: a bank account, which takes two, and cards.
    nora.follows("Getting paid")
    nora.follows(nora.page.locator("main li", has_text="Bank transfer").get_by_role("link"))
    nora.presses("Go on")
    nora.fills(**BANK, account=number)
    nora.presses("Add it")
    nora.opens("/payee-accounts")
    nora.follows(nora.page.locator("main a[href*='method=stripe'][href*='mode=own_key']"))
    nora.fills(secret=secret, currencies="USD")
    nora.presses("Add it")
    vera, axel = (at_desk(**ADMINISTRATOR) for _ in range(2))
    vera.opens("/admin/providers")
    vera.follows(f"Newcomer {width}")
    vera.does("Be the second person…", f"Called them on the number of their registration, {width}.")

    # Approved by two.
    nora.opens("")
    expect(nora.page.locator("li", has_text="Missing")).to_have_count(0)
    nora.presses("Ask for approval")
    vera.page.reload()
    vera.does("Approve…", f"Their registration is in order, {width}.")
    axel.opens("/admin/proposals")
    axel.follows(f"Newcomer {width}")
    axel.presses("Confirm")

    # The self-test: paid to itself by each way, before anybody else can.
    nora.opens("/payee-accounts")
    nora.follows(nora.page.locator("main h2 a", has_text="Cards").first)
    nora.page.get_by_role("button", name="Pay yourself once").click()
    nora.page.wait_for_url(f"{platform.town.stripe.url}/c/pay/**")
    nora.page.locator("button[name=scenario][value=approve]").click()
    expect(nora.page.get_by_text("The money has come in full")).to_be_visible()
    nora.looks()
    nora.opens("/payee-accounts")
    nora.follows(nora.page.locator("main h2 a", has_text="Bank transfer").first)
    nora.presses("Pay yourself once")
    trial = nora.page.url
    sends(number, *what_to_transfer(nora.page))
    nora.page.goto(trial)
    expect(nora.page.get_by_text("The money has come in full")).to_be_visible()
    nora.looks()

    # On sale, once an administrator has looked at the first offer.
    nora.opens("/holdings")
    nora.follows("Offer units")
    nora.fills(quantity="500", price="9.50", currency="USD")
    nora.page.fill("[name=text-en]", "Stoves for the whole valley.")
    nora.presses("Preview")
    nora.presses("Publish")
    expect(nora.page.locator("main tbody tr")).to_contain_text("review")
    vera.opens("/admin/offers")
    vera.follows(vera.page.locator("main tbody tr", has_text=f"Newcomer {width}").locator("th a"))
    vera.does("Approve…", f"The description says what the registry says, {width}.")
    offer = offer_of(platform, registry_account)

    # Bought by card and by transfer.
    ana, ben, wishes = arrive(width=width), arrive(width=width), Wishes()
    ana.watch.gateway = platform.town.stripe.url
    for buyer, method in ((ana, "stripe"), (ben, "bank")):
        buyer.chooses(offer, 5)
        buyer.fills_in_the_certificate(wishes, method=method)
        for consent in buyer.page.locator("[name^=consent_]").all():
            consent.check()
        buyer.page.locator("form:has([name=read_back]) .buttons button").click()
    ana.page.wait_for_url(f"{platform.town.stripe.url}/c/pay/**")
    ana.page.locator("button[name=scenario][value=approve]").click()
    ana.page.wait_for_url(re.compile(r"/orders/[^/?]+$"))
    ben.page.wait_for_url(re.compile(r"/orders/[^/]+/pay$"))
    told = what_to_transfer(ben.page)
    ben.page.locator("form[action$='/sent'] button").click()
    expect(ben.page.locator("#order")).to_be_visible()
    sends(number, *told)
    numbers = {number_on(buyer.page) for buyer in (ana, ben)}
    for buyer in (ana, ben):
        buyer.waits_for_the_certificate()

    # And taken away as a list.
    nora.opens("/orders")
    with nora.page.expect_download() as download:
        nora.page.get_by_role("button", name="As CSV").click()
    taken = Path(download.value.path()).read_text("utf-8-sig")
    for order in numbers:
        assert order in taken
    assert_all_is_in_the_trail(platform, vera, axel)


def what_to_transfer(page: Page) -> tuple[str, str]:
    """Reference and amount, as the page has them copied."""
    reference, amount = (page.locator("[data-copy]").nth(n).get_attribute("data-copy") for n in (0, 1))
    assert reference
    assert amount
    return reference, amount


def number_on(page: Page) -> str:
    """The number of the order whose page it is."""
    return page.locator(".order-number").inner_text().split()[-1]


def offer_of(platform: Platform, registry_account: str) -> OnSale:
    """What the provider with this registry account has on sale."""
    with platform.works.sessions() as session:
        return OnSale(
            *session.execute(
                select(Offer.id, Mandate.mandate_id, Block.block_id, Activity.activity_ref, Activity.title)
                .join(Mandate, Offer.mandate_id == Mandate.mandate_id)
                .join(Block, Mandate.block_id == Block.block_id)
                .join(Activity, Block.activity_ref == Activity.activity_ref)
                .join(RegistryAccount, RegistryAccount.provider_id == Offer.provider_id)
                .where(RegistryAccount.account_id == registry_account)
            ).one()
        )
