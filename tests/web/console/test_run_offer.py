"""The provider's page of one offer, and the forms on the way: each once for good and once for what cannot be."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalogue.models import Mandate
from app.domain.mandates.models import ActKind, MandateAct
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.terms_models import OfferChange
from app.integrations.errors import OutcomeUnknown
from app.integrations.registry.interface import MandateRequest
from tests.factories import make_offer, make_order
from tests.web.conftest import Fakes
from tests.web.console.conftest import Seller
from tests.web.pages import Page, words

OFFERS = "/en/console/offers"


@pytest.fixture
def offer(session: Session, fakes: Fakes, seller: Seller) -> Offer:
    """40 of 100 units of a block that the provider holds."""
    block = fakes.delegated.hold(seller.account, 100)
    granted = fakes.delegated.grant(
        seller.person.token, MandateRequest(seller.account, block.block_id, 40), key="first"
    )
    made = make_offer(session, provider=seller.provider, granted=granted, quantity=40, price="11.20")
    session.commit()
    return made


def page_of(seller: Seller, offer: Offer) -> Page:
    return seller.client.get(f"{OFFERS}/{offer.id}")


def told(page: Page) -> list[str]:
    return [words(each) for each in page.all(".timeline li > b")]


def test_an_offer_shows_how_it_stands_and_is_paused_and_resumed(session, seller, offer):
    make_order(session, offer, 10)
    session.commit()
    title = offer.mandate.block.activity.title
    page = seller.client.get(OFFERS).follow(title)
    assert page.h1 == title
    figures = {words(each.dt): words(each.dd) for each in page.all(".figures > div")}
    assert figures == {
        "tonnes left": "30",
        "tonnes held by orders": "10",
        "tonnes cancelled for buyers": "0",
    }
    page = page.form(f"{OFFERS}/{offer.id}/pause").submit()
    assert "You have paused it." in page.text
    page = page.form(f"{OFFERS}/{offer.id}/resume").submit()
    assert told(page) == ["Paused", "Resumed"]
    assert "Person of Sample Stoves Ltd" in page.text


def test_terms_are_changed_and_buyers_see_the_prices_for_larger_orders(session, seller, client, offer):
    page = page_of(seller, offer).follow("Change the terms")
    form = page.form(f"{OFFERS}/{offer.id}/terms")
    wrong = form.submit(**{"price": "12,00", "tier_from-1": "10", "tier_price-1": "12"}, status=422)
    assert wrong.errors == {"tier_price-1": "Each price has to be lower than the one above it."}
    assert wrong.form(f"{OFFERS}/{offer.id}/terms").fields["price"] == ["12,00"]
    wrong = form.submit(
        **{"price": "a lot", "min_quantity": "1.5", "on_sale_until": "soon", "tier_price-2": "1"}, status=422
    )
    assert set(wrong.errors) == {"price", "min_quantity", "on_sale_until", "tier_from-2"}
    last = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    page = form.submit(
        **{
            "price": "12.50",
            "tier_from-1": "10",
            "tier_price-1": "11",
            "min_quantity": "2",
            "on_sale_until": last,
            "text-en": "From the hills.\r\nEvery day.",
        }
    )
    assert "Saved." in page.text
    assert "Price: US$11.20, now US$12.50" in page.text
    session.expire_all()
    assert [text.text for text in offer.texts] == ["From the hills.\nEvery day."]
    again = page.follow("Change the terms").form(f"{OFFERS}/{offer.id}/terms")
    assert (again.fields["on_sale_until"], again.fields["tier_price-1"]) == ([last], ["11.00"])
    assert "Nothing was changed." in again.submit().text
    public = client.get(f"/en/projects/{offer.mandate.block.activity_ref}")
    assert "US$12.50 from 10 t: US$11.00" in public.text
    basket = public.form("/en/basket").submit(quantity="10")
    assert "US$11.00 per tonne" in basket.text
    assert "US$110.00" in basket.text


def test_a_change_is_scheduled_and_withdrawn(session, seller, offer):
    page = page_of(seller, offer).follow("Schedule a change")
    form = page.form(f"{OFFERS}/{offer.id}/schedule")
    assert set(form.submit(kind="price", due_at="soon", price="", status=422).errors) == {"due_at", "price"}
    wrong = form.submit(kind="pause", due_at="2026-01-01T10:00", status=422)
    assert wrong.errors == {"due_at": "This time has passed. Enter one that is to come."}
    due = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=3)
    page = form.submit(kind="price", due_at=f"{due:%Y-%m-%dT%H:%M}", price="13")
    [change] = session.scalars(select(OfferChange))
    assert (change.due_at, change.price_minor) == (due, 1300)
    assert told(page) == ["New price: US$13.00 per tonne"]
    page = page.form(f"{OFFERS}/{offer.id}/schedule/{change.id}/withdraw").submit()
    assert told(page) == ["No longer scheduled: New price: US$13.00 per tonne"]


def test_units_are_added_with_the_persons_own_token(session, fakes, seller, offer):
    page = page_of(seller, offer).follow("Add units")
    assert "60 t" in page.text
    path = f"{OFFERS}/{offer.id}/units"
    assert "This block has 60 t free" in page.form(path).submit(quantity="61", status=422).error("quantity")
    fakes.delegated.fail_next("grant", OutcomeUnknown("timeout"), acted=True)
    page = page.form(path).submit(quantity="25")
    assert page.url == f"{OFFERS}/{offer.id}"
    assert "Whether that has happened is not known" in page.text
    [act] = session.scalars(select(MandateAct))
    page = page.form(f"/en/console/mandate-acts/{act.id}").submit()
    assert page.url == f"{OFFERS}/{offer.id}"
    assert [words(row.select_one("td.num")) for row in page.all("#units ~ div tbody tr")] == ["40", "25"]
    assert told(page) == ["Units added: 25 t"]
    [part] = session.scalars(select(Offer).where(Offer.added_to == offer.id))
    assert seller.client.get(f"{OFFERS}/{part.id}").url == f"{OFFERS}/{offer.id}"
    assert "40 t + 25 t" in seller.client.get(OFFERS).text
    assert {token for _, token in fakes.delegated.calls} == {seller.person.token}


def test_what_is_withdrawn_is_sold_no_more_and_back_when_its_orders_have_ended(
    session, fakes, seller, client, offer
):
    make_order(session, offer, 10)
    session.commit()
    reference = offer.mandate.block.activity_ref
    basket = client.get(f"/en/projects/{reference}").form("/en/basket").submit(quantity="1")
    assert "not on sale any more" not in basket.text
    page = page_of(seller, offer).follow("Withdraw…")
    assert "Orders hold 10 t" in page.text
    page = page.form(f"{OFFERS}/{offer.id}/withdraw").submit()
    assert "They stay earmarked for these buyers." in page.text
    assert page.forms(f"{OFFERS}/{offer.id}/take-back") == []
    assert list(session.scalars(select(MandateAct))) == []
    assert "These units are not on sale any more." in client.get("/en/basket").text
    assert "Nothing of this project is on sale now" in client.get(f"/en/projects/{reference}").text
    session.get_one(Offer, offer.id, populate_existing=True).held = 0
    session.commit()
    page = page_of(seller, offer).form(f"{OFFERS}/{offer.id}/take-back").submit()
    assert "Nothing of it is earmarked any more." in page.text
    [act] = session.scalars(select(MandateAct))
    assert (act.kind, act.person_id) == (ActKind.REVOKE, seller.person.person_id)
    assert session.get_one(Mandate, offer.mandate_id, populate_existing=True).status == "revoked"
    [block] = fakes.delegated.holdings(seller.person.token, seller.account)
    assert block.quantity_available == 100
    assert "done before" in seller.client.get(f"{OFFERS}/{offer.id}/withdraw").text


def test_an_offer_that_was_sent_back_says_why_and_is_submitted_again(session, seller, offer):
    offer.state, offer.state_reason = OfferState.DRAFT, "The price is in the wrong currency."
    session.commit()
    page = page_of(seller, offer)
    assert "The price is in the wrong currency." in page.text
    assert "An administrator looks at it" in page.form(f"{OFFERS}/{offer.id}/submit").submit().text


def test_an_offer_of_another_is_not_there(session, seller, neighbour, offer):
    neighbour.client.get(f"{OFFERS}/{offer.id}", status=404)
    assert offer.mandate.block.activity.title not in neighbour.client.get(OFFERS).text
