"""A guest pays by bank transfer: instructions, the bank, the provider's statement, the certificate."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.domain.offers.models import Offer
from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.people.models import RegistryAccount
from sandbox.neighbours import SEED
from tests.neighbours import Program, start_bank
from tests.stories.browsing import barriers, too_wide
from tests.stories.conftest import Arrive, Open
from tests.stories.evidence import assert_all_agree
from tests.stories.navigators import Wishes
from tests.stories.platform import OnSale, Platform
from tests.stories.sites import Site, signs_in

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with start_bank(tmp_path_factory.mktemp("bank"), SEED) as program:
        yield program


def account_behind(platform: Platform, offer: OnSale) -> tuple[str, str]:
    """The number of the seller's bank account, and an account of theirs in the registry."""
    with platform.works.sessions() as session:
        provider_id = session.get_one(Offer, offer.id).provider_id
        details = session.scalars(
            select(BankAccount.details)
            .join(ProviderPayeeAccount, BankAccount.account_id == ProviderPayeeAccount.id)
            .where(ProviderPayeeAccount.provider_id == provider_id)
        ).one()
        held = session.scalars(
            select(RegistryAccount.account_id).where(RegistryAccount.provider_id == provider_id)
        ).first()
    kept = BankDetails.from_json(details)
    assert held is not None
    return kept.iban or list(kept.local.values())[-1], held


def _sound(page: Page, script: bool) -> None:
    """Nobody is kept out of the page, and it fits. Looked at by scripts, so only where there are any."""
    if script:
        assert barriers(page) == []
        assert too_wide(page) == []


@pytest.mark.parametrize("site", ["sandbox"], indirect=True)
@pytest.mark.parametrize(
    ("language", "width", "script", "kind"),
    [("en", 1280, True, "camt053"), ("fr", 390, False, "mt940"), ("es", 390, True, "csv")],
    ids=["en-1280-camt053", "fr-390-plain-mt940", "es-390-csv"],
)
def test_a_transfer_is_matched_and_the_certificate_comes(
    arrive: Arrive,
    window: Open,
    site: Site,
    platform: Platform,
    bank: Program,
    tmp_path: Path,
    language: str,
    width: int,
    script: bool,
    kind: str,
) -> None:
    shelf = platform.providers()[{"en": 0, "fr": 1, "es": 2}[language]]
    offer, wishes = shelf[0], Wishes()
    number, registry_account = account_behind(platform, offer)

    buyer = arrive(language, width=width, script=script)
    buyer.chooses(offer, 5)
    buyer.fills_in_the_certificate(wishes, method="bank")
    buyer.reads_back_and_places(wishes.reason, transfer=True)
    _sound(buyer.page, script)
    reference, amount = (
        buyer.page.locator("[data-copy]").nth(place).get_attribute("data-copy") for place in (0, 1)
    )
    buyer.page.locator("form[action$='/sent'] button").click()
    expect(buyer.page.locator("#order")).to_be_visible()

    sent = {"account": number, "amount": amount or "", "text": f"For {(reference or '').lower()}"}
    assert httpx.post(f"{bank.url}/transfers", data=sent).status_code == 303
    statement = tmp_path / "statement"
    statement.write_bytes(httpx.get(f"{bank.url}/statements/{number}.{kind}").content)

    seller = window(width=width, script=script)
    seller.goto(f"{site.url}/en/console/statements")
    signs_in(seller, site, site.person("registry", roles=("provider",), accounts=(registry_account,)))
    _sound(seller, script)
    seller.set_input_files("[name=file]", statement)
    seller.get_by_role("button", name="Look at it").click()
    expect(seller.locator("main")).to_contain_text("Pays the order")
    _sound(seller, script)
    seller.locator("form[action$='/commit'] button").click()
    expect(seller.locator("main")).to_contain_text("Statements brought before")

    if not script:
        buyer.page.reload()  # while only the buyer could do something, the page did not move by itself
    code = buyer.waits_for_the_certificate()
    assert_all_agree(buyer, wishes, language, {offer: 5}, code)
