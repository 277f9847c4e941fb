"""A guest pays by card: the page of the card service, the bank that asks first, and back to a certificate."""

import re

import pytest
from sqlalchemy import select

from app.domain.offers.models import Offer
from app.domain.payments.models import ProviderPayeeAccount
from tests.stories.conftest import Arrive
from tests.stories.navigators import Buyer, Wishes
from tests.stories.platform import OnSale, Platform

pytestmark = pytest.mark.story

WISHES = Wishes()


def an_offer(platform: Platform) -> OnSale:
    """Of a provider who can be paid by card."""
    takes_cards = (
        select(Offer.id)
        .join(ProviderPayeeAccount, ProviderPayeeAccount.provider_id == Offer.provider_id)
        .where(ProviderPayeeAccount.gateway == "stripe")
    )
    with platform.works.sessions() as session:
        found = set(session.execute(takes_cards).scalars())
    return next(offer for shelf in platform.providers() for offer in shelf if offer.id in found)


def goes_to_pay_by_card(buyer: Buyer, platform: Platform) -> None:
    """From an empty basket to the page of the card service."""
    buyer.watch.gateway = platform.town.stripe.url
    buyer.chooses(an_offer(platform), 5)
    buyer.fills_in_the_certificate(WISHES, method="stripe")
    for consent in buyer.page.locator("[name^=consent_]").all():
        consent.check()
    buyer.page.locator("form:has([name=read_back]) .buttons button").click()
    buyer.page.wait_for_url(f"{platform.town.stripe.url}/c/pay/**")


def presses(buyer: Buyer, scenario: str) -> None:
    """One of the cards on the page."""
    buyer.page.locator(f"button[name=scenario][value={scenario}]").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_card_whose_bank_asks_first(arrive: Arrive, platform: Platform, script: bool) -> None:
    buyer = arrive("fr" if script else "en", width=390 if script else 1280, script=script)
    goes_to_pay_by_card(buyer, platform)
    presses(buyer, "decline")
    buyer.page.locator("[role=alert]").wait_for()
    presses(buyer, "three_d_secure")
    buyer.page.wait_for_url("**/authenticate")
    buyer.page.locator("button[name=outcome][value=complete]").click()
    buyer.page.wait_for_url(re.compile(r"/orders/[^/?]+$"))
    assert buyer.waits_for_the_certificate()


def test_a_buyer_who_turns_back_pays_after_all(arrive: Arrive, platform: Platform) -> None:
    buyer = arrive()
    goes_to_pay_by_card(buyer, platform)
    presses(buyer, "cancel")
    buyer.page.wait_for_url(re.compile(r"back=unpaid"))
    buyer.waits_for("#pay").click()
    buyer.page.wait_for_url(f"{platform.town.stripe.url}/c/pay/**")
    presses(buyer, "approve")
    buyer.page.wait_for_url(re.compile(r"/orders/[^/?]+$"))
    assert buyer.waits_for_the_certificate()
