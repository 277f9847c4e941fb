"""From the holdings to an offer that buyers see: typed, kept, looked at, published with the person's own token."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.mandates.models import ActState, MandateAct
from app.domain.offers.models import Offer, OfferState, OfferText
from app.domain.offers.terms_models import OfferDraft
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.people.models import ProviderState
from app.extensions import now
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.registry.interface import Block
from tests.domain.offers.drafts import keep
from tests.factories import make_activity, make_mandate, make_offer
from tests.web.conftest import Fakes
from tests.web.console.conftest import Seller
from tests.web.pages import Client, Form, Page, words
from tests.web.roles import sign_in_provider

HOLDINGS = "/en/console/holdings"
OFFERS = "/en/console/offers"
NEW = f"{OFFERS}/new"
TYPED = {"quantity": "40", "price": "11,20", "currency": "USD"}


@pytest.fixture
def block(session: Session, fakes: Fakes, seller: Seller) -> Block:
    """100 free units of a provider that has sold here before."""
    held = fakes.delegated.hold(seller.account, 100)
    make_activity(session, held.activity_ref, title="Sample stoves, Zomba")
    make_offer(session, provider=seller.provider)
    session.commit()
    return held


def form(seller: Seller, block: Block) -> Form:
    return seller.client.get(f"{NEW}?account={seller.account}&block={block.block_id}").form(NEW)


def drafts(session: Session) -> list[OfferDraft]:
    session.expire_all()
    return list(session.scalars(select(OfferDraft)))


def the_offer(session: Session) -> Offer:
    """The one that a draft has become."""
    [draft] = drafts(session)
    assert draft.offer is not None
    return draft.offer


def publish(page: Page, **options) -> Page:
    path = page.url.replace("/preview", "/publish")
    return page.form(path).submit(**options)


def asked(session: Session) -> list[ActState]:
    session.expire_all()
    return list(session.scalars(select(MandateAct.state)))


def test_from_the_holdings_to_an_offer_on_sale(
    session, fakes: Fakes, seller: Seller, block: Block, client: Client
):
    page = seller.client.get(HOLDINGS).follow(f"Offer units {block.block_id}")
    page = page.form(NEW).submit(
        **TYPED, min_quantity="5", **{"text-en": "Dry wood <b>saved</b>.\nRead more.", "text-fr": "Du bois."}
    )
    assert page.h1 == "Preview of the offer"
    assert "The registry earmarks 40 t of block" in page.text
    assert "Buyers see the offer at once." in page.text
    # Nothing has been asked for yet.
    assert "grant" not in {method for method, _ in fakes.delegated.calls}
    seen = [[words(cell) for cell in row.select("th, td")] for row in page.all("#seen + * tbody tr")]
    page = publish(page)
    assert "The offer is published." in page.text
    offer = the_offer(session)
    assert (offer.quantity, offer.state, str(offer.price)) == (40, OfferState.PUBLISHED, "11.20 USD")
    assert {token for _, token in fakes.delegated.calls} == {seller.person.token}
    # Buyers see what was shown.
    shop = Client(client.inner.application.test_client()).get(f"/en/projects/{block.activity_ref}")
    assert [[words(cell) for cell in row.select("th, td")] for row in shop.all("#offers tbody tr")] == seen
    said = shop.one(".said p")
    assert said.get_text() == "Dry wood <b>saved</b>.\nRead more."
    assert "lang" not in said.attrs
    spanish = shop.client.get(f"/es/projects/{block.activity_ref}").one(".said p")
    assert (spanish["lang"], words(spanish)) == ("en", words(said))


def test_a_form_that_cannot_be_comes_back_as_it_was_and_is_kept(session, fakes, seller, block):
    page = form(seller, block).submit(
        quantity="101",
        price="1.230",
        currency="USD",
        min_quantity="a few",
        on_sale_until="2020-01-01",
        status=422,
    )
    assert page.errors == {
        "quantity": "This block has 100 t free. Write that or less.",
        "price": "Enter a price per tonne, such as 11.20.",
        "min_quantity": "Units are whole tonnes. Enter a number without decimals, such as 25.",
        "on_sale_until": "This day is over. Enter a later one, or leave it empty.",
    }
    [draft] = drafts(session)
    path = f"{OFFERS}/drafts/{draft.id}"
    assert page.form(path).fields["quantity"] == ["101"]
    assert page.form(path).fields["min_quantity"] == ["a few"]
    page = page.form(path).submit(button="Keep as a draft")
    assert "Kept as a draft." in page.text
    page = page.follow(f"Go on {block.block_id}")
    assert page.form(path).fields["price"] == ["1.230"]
    page = page.form(f"{path}/throw-away").submit()
    assert "Not published yet" not in page.text
    seller.client.get(path, status=404)
    assert asked(session) == []


def test_a_first_offer_waits_for_an_administrator(session, fakes, seller):
    block = fakes.delegated.hold(seller.account, 100)
    make_activity(session, block.activity_ref)
    session.commit()
    page = form(seller, block).submit(**TYPED, on_sale_from="2090-01-02", on_sale_until="2090-03-04")
    assert "It is your first offer here: an administrator looks at it" in page.text
    assert "from 2 January 2090 on" in page.text
    assert "An administrator looks at it before buyers see it." in publish(page).text
    assert the_offer(session).state == OfferState.IN_REVIEW


@pytest.mark.parametrize("acted", [True, False])
def test_an_answer_that_never_came_leaves_the_draft_in_the_list(session, fakes, seller, block, acted):
    page = form(seller, block).submit(**TYPED)
    fakes.delegated.fail_next("grant", OutcomeUnknown("timeout"), acted=acted)
    listed = publish(page)
    assert "The registry has not answered yet" in listed.text
    [draft] = drafts(session)
    assert (draft.act.state, draft.offer) == (ActState.ASKED, None)
    # It can be neither changed nor thrown away, and the second click of a double click asks again.
    seller.client.get(f"{OFFERS}/drafts/{draft.id}")
    assert "The offer is published." in publish(page).text
    session.expire_all()
    assert session.get_one(OfferDraft, draft.id).offer.quantity == 40
    [held] = fakes.delegated.holdings(seller.person.token, seller.account)
    assert held.quantity_available == 60


def test_asking_again_makes_the_offer_too_and_is_its_persons_own(app: Flask, session, fakes, seller, block):
    page = form(seller, block).submit(**TYPED)
    fakes.delegated.fail_next("grant", OutcomeUnknown("timeout"))
    page = publish(page)
    [draft] = drafts(session)
    colleague = Client(app.test_client())
    sign_in_provider(app, colleague, seller.account)
    assert "Only they can ask again." in colleague.get(OFFERS).text
    again = page.form(f"/en/console/mandate-acts/{draft.act_id}")
    assert "The offer is published." in again.submit().text
    assert the_offer(session).quantity == 40
    assert "Not published yet" not in again.submit().text


def test_a_refusal_of_the_registry_leaves_the_draft_to_be_changed(session, fakes, seller, block):
    page = form(seller, block).submit(**TYPED)
    fakes.delegated.fail_next("grant", Refused("insufficient_units"))
    page = publish(page)
    assert "The registry has not earmarked these units" in page.text
    assert "does not have that many free units any more. Nothing was changed." in page.text
    [draft] = drafts(session)
    page = page.form(f"{OFFERS}/drafts/{draft.id}").submit(quantity="30")
    publish(page)
    assert the_offer(session).quantity == 30
    assert sorted(asked(session)) == [ActState.DONE, ActState.REFUSED]


def test_a_token_refused_in_the_middle_leaves_all_to_go_on_with(session, fakes, seller, block):
    page = form(seller, block).submit(**TYPED)
    fakes.delegated.fail_next("grant", Refused("unauthenticated"))
    assert publish(page, status=403).h1 == "The registry does not take your sign-in"
    assert asked(session) == [ActState.ASKED]


def test_while_the_registry_is_away_what_was_typed_is_kept(session, fakes, seller, block):
    sent = form(seller, block)
    fakes.delegated.fail_next("holdings", TryAgain("away"))
    page = sent.submit(**TYPED, status=503)
    assert "kept among your drafts" in page.text
    page = page.follow("See your offers").follow(f"Go on {block.block_id}")
    page = page.forms()[0].submit()
    fakes.delegated.fail_next("holdings", TryAgain("away"))
    assert "The draft is kept." in publish(page).text
    assert asked(session) == []


def test_units_that_are_earmarked_are_offered_without_another_mandate(session, fakes, seller, block):
    mandate = make_mandate(session, seller.provider, quantity=60)
    session.commit()
    page = seller.client.get(HOLDINGS).follow(f"Offer these units {mandate.mandate_id}")
    page = page.form(NEW).submit(price="9", currency="EUR")
    assert "nothing changes in the registry" in page.text
    publish(page)
    offer = the_offer(session)
    assert (offer.quantity, offer.mandate_id) == (60, mandate.mandate_id)
    assert asked(session) == []
    assert "Offer these units" not in seller.client.get(HOLDINGS).text
    page = seller.client.get(f"{NEW}?mandate={mandate.mandate_id}")
    assert "These units are offered already." in page.text


@pytest.mark.parametrize("state", [ProviderState.SUSPENDED, ProviderState.ONBOARDING])
def test_who_is_not_active_drafts_and_does_not_publish(session, fakes, seller, block, state):
    page = form(seller, block).submit(**TYPED)
    seller.provider.state = state
    session.commit()
    page = publish(page)
    assert page.h1 == "Preview of the offer"
    assert "It cannot be published yet" in page.text
    assert not page.forms(page.url.replace("/preview", "/publish"))
    assert asked(session) == []


def test_what_may_not_be_offered_or_has_changed_is_not_published_by_a_form_of_before(
    session, fakes, seller, block
):
    page = form(seller, block).submit(**TYPED)
    fakes.delegated.change_block(block.block_id, status="frozen")
    assert "The registry has frozen this block." in publish(page).text
    fakes.delegated.change_block(block.block_id, status="active", quantity_available=30)
    assert "This block has 30 t free" in publish(page).error("quantity")
    fakes.delegated.change_block(block.block_id, quantity_available=100)
    [draft] = drafts(session)
    draft.changed_at += timedelta(seconds=1)
    session.commit()
    assert "Look at it once more." in publish(page).text
    assert publish(page, status=400, seen="never").status == 400
    assert asked(session) == []


def test_nobody_offers_anothers_units_or_opens_anothers_draft(session, fakes, seller, neighbour, block):
    theirs = fakes.delegated.hold(neighbour.account, 100)
    mandate = make_mandate(session, neighbour.provider)
    draft = keep(session, neighbour.provider, neighbour.person.person_id, theirs.block_id)
    session.commit()
    for query in (
        f"account={neighbour.account}&block={theirs.block_id}",
        f"account={seller.account}&block={theirs.block_id}",
        f"mandate={mandate.mandate_id}",
    ):
        seller.client.get(f"{NEW}?{query}", status=404)
    sent = form(seller, block)
    sent.submit(**TYPED, account=neighbour.account, block=theirs.block_id, status=404)
    sent.submit(**TYPED, key="no-key", status=400)
    assert "How it stands" in sent.submit(**TYPED, key=str(draft.id)).text
    page = sent.submit(**TYPED, block=theirs.block_id, status=422)
    assert "moved to another account" in page.text
    assert asked(session) == []
    for path in ("", "/preview"):
        seller.client.get(f"{OFFERS}/drafts/{draft.id}{path}", status=404)
    assert str(draft.id) not in seller.client.get(OFFERS).response.text


def test_the_same_form_sent_twice_makes_one_draft(session, fakes, seller, block):
    sent = form(seller, block)
    for _ in range(2):
        page = sent.submit(**TYPED)
    assert len(drafts(session)) == 1
    publish(page)
    publish(page)
    assert asked(session) == [ActState.DONE]
    assert "cannot be changed any more" in sent.submit(**TYPED).text


def test_the_list_says_which_offers_are_over_or_not_on_sale_yet(session, seller):
    for dates in ({"on_sale_until": now() - timedelta(days=1)}, {"on_sale_from": now() + timedelta(days=2)}):
        make_offer(session, provider=seller.provider, **dates)
    session.commit()
    first, second = sorted(words(chip) for chip in seller.client.get(OFFERS).all("tbody .chip"))
    assert first == "Ended"
    assert second == "Not yet on sale"


def test_the_address_of_before_leads_to_the_form(seller, block):
    page = seller.client.get(f"/en/console/mandates/new?account={seller.account}&block={block.block_id}")
    assert page.url == NEW
    assert page.form(NEW).fields["block"] == [block.block_id]


def test_what_is_not_on_sale_yet_says_so_to_buyers(session, client: Client):
    offer = make_offer(session, on_sale_from=now() + timedelta(days=2))
    session.add(OfferText(offer_id=offer.id, language="en", text="Not yet"))
    session.commit()
    page = client.get(f"/en/projects/{offer.mandate.block.activity_ref}")
    assert "Units are on sale here from" in page.text
    assert "Not yet" not in page.text
    token = page.one("body")["hx-headers"].split('"')[3]
    page = client.post("/en/basket", {"csrf_token": token, "offer": str(offer.id), "quantity": "5"})
    assert "These units are not on sale yet." in page.text


def test_without_a_way_to_be_paid_there_is_no_currency(session, fakes, seller, block):
    session.execute(update(ProviderPayeeAccount).values(state=AccountState.DEGRADED))
    session.commit()
    page = form(seller, block).page
    assert "Buyers cannot pay you yet" in page.text
    page = page.form(NEW).submit(quantity="40", price="11.20", status=422)
    assert page.error("currency") == "Choose the currency of the price."
