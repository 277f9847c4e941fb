"""Orders that do not go straight on: several sellers, coming back unpaid, declined, withdrawn, lost."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from app.domain.offers.models import Offer
from tests.stories.conftest import Arrive
from tests.stories.evidence import assert_all_agree, mail_to
from tests.stories.navigators import Buyer, Wishes
from tests.stories.platform import OnSale, Platform

pytestmark = pytest.mark.story


def state_of(buyer: Buyer) -> str:
    """The open order's, as programs read it."""
    answer = httpx.get(f"{buyer.platform.url}/orders/{buyer.order_token()}.json").raise_for_status()
    return str(answer.json()["state"])


def held(platform: Platform, offer: OnSale) -> int:
    """Tonnes of an offer that wait for somebody's payment."""
    with platform.works.sessions() as session:
        return session.get_one(Offer, offer.id).held


def order(buyer: Buyer, *chosen: tuple[OnSale, int], wishes: Wishes | None = None) -> None:
    """From the catalogue to the placed order."""
    for offer, tonnes in chosen:
        buyer.chooses(offer, tonnes)
    buyer.fills_in_the_certificate(wishes or Wishes())
    buyer.reads_back_and_places()


def test_two_sellers_are_two_orders_each_paid_on_its_own(arrive: Arrive, platform: Platform) -> None:
    first, second = (shelf[-1] for shelf in platform.providers()[:2])
    buyer = arrive("es")
    tonnes = {first: 3, second: 4}
    order(buyer, *tonnes.items())
    group = buyer.page.url
    certified: dict[str, OnSale] = {}
    for still_to_pay in (2, 1):
        expect(buyer.page.locator("[id^=pay-]")).to_have_count(still_to_pay)
        buyer.page.locator("[id^=pay-]").first.click()
        buyer.pays_at_paypal()
        code = buyer.waits_for_the_certificate()
        offer = first if first.activity_ref in buyer.page.inner_text("main") else second
        assert_all_agree(buyer, Wishes(), "es", {offer: tonnes[offer]}, code)
        certified[code] = offer
        buyer.page.goto(group)
    assert set(certified.values()) == {first, second}
    expect(buyer.page.locator("[id^=pay-]")).to_have_count(0)
    expect(buyer.page.locator("[id^=see-]")).to_have_count(2)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_who_comes_back_unpaid_can_pay_later(arrive: Arrive, platform: Platform, script: bool) -> None:
    offer = platform.providers()[2][-1]
    buyer = arrive("fr", width=390, script=script)
    order(buyer, (offer, 2))
    buyer.pays_at_paypal("cancel")
    assert state_of(buyer) == "awaiting_payment"
    buyer.starts_again()
    buyer.pays_at_paypal()
    code = buyer.waits_for_the_certificate()
    assert_all_agree(buyer, Wishes(), "fr", {offer: 2}, code)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_who_was_declined_can_try_again(arrive: Arrive, platform: Platform, script: bool) -> None:
    offer = platform.providers()[3][-1]
    buyer = arrive(script=script)
    order(buyer, (offer, 2))
    buyer.pays_at_paypal("decline")
    buyer.starts_again()
    buyer.pays_at_paypal()
    code = buyer.waits_for_the_certificate()
    assert_all_agree(buyer, Wishes(), "en", {offer: 2}, code)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_who_withdraws_frees_the_units(arrive: Arrive, platform: Platform, script: bool) -> None:
    offer = platform.providers()[4][-2]
    before = held(platform, offer)
    buyer = arrive(script=script)
    order(buyer, (offer, 7))
    buyer.pays_at_paypal("cancel")
    assert held(platform, offer) - before == 7
    buyer.page.locator("#withdraw").click()  # folded out already, for who comes back without having paid
    buyer.page.wait_for_url(re.compile(r"/orders/[^/?]+$"))
    expect(buyer.page.locator("#pay, #withdraw")).to_have_count(0)
    assert (state_of(buyer), held(platform, offer)) == ("withdrawn", before)


def test_who_lost_the_link_is_sent_it(arrive: Arrive, platform: Platform) -> None:
    offer = platform.providers()[5][-1]
    buyer = arrive("fr")
    order(buyer, (offer, 2))
    buyer.pays_at_paypal("cancel")
    placed = mail_to(platform, buyer.email, lambda _: True)
    somebody = arrive("fr", script=False)
    somebody.opens("/find-order")
    somebody.page.fill("[name=email]", buyer.email)
    somebody.page.locator("main form button").click()
    expect(somebody.page.locator("main .notice.done")).to_contain_text(buyer.email)
    mail = mail_to(platform, buyer.email, lambda mail: mail["id"] != placed["id"])
    (link,) = re.findall(r"http\S+/orders/\S+", mail["text"])
    somebody.page.goto(link)
    expect(somebody.page.locator("#pay")).to_be_visible()
    assert somebody.order_token() == buyer.order_token()


def test_what_the_registry_freezes_goes_off_sale_at_once(arrive: Arrive, platform: Platform) -> None:
    offer = platform.providers()[7][-2]
    block = f"{platform.town.registry.url}/sandbox/blocks/{offer.block_id}"
    buyer = arrive()
    buyer.finds(offer)
    expect(buyer.form_of(offer)).to_have_count(1)
    httpx.post(f"{block}/freeze").raise_for_status()
    try:
        # The registry tells the platform; nobody waits for the next reading of everything.
        for _ in range(20):
            buyer.page.wait_for_timeout(250)
            buyer.page.reload()
            if not buyer.form_of(offer).count():
                break
        expect(buyer.form_of(offer)).to_have_count(0)
    finally:
        httpx.post(f"{block}/unfreeze").raise_for_status()
