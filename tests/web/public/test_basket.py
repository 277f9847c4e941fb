"""The basket: live prices, whole tonnes, never more than is left, and nothing added up across currencies."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.domain.offers.models import OfferState
from app.domain.orders.models import Basket, BasketItem
from app.web.public import basket
from tests.factories import make_activity, make_offer, make_orders, make_provider


@pytest.fixture
def offer(session):
    """100 t at US$11.20."""
    made = make_offer(
        session, quantity=100, price="11.20", activity=make_activity(session, title="Sample stoves")
    )
    session.commit()
    return made


def project(offer):
    return f"/en/projects/{offer.mandate.block.activity_ref}"


def add(client, offer, quantity="25", **expected):
    """From the project's page, as a visitor does it."""
    return (
        client.get(project(offer))
        .form("/en/basket", offer=str(offer.id))
        .submit(quantity=quantity, **expected)
    )


def change(page, offer, quantity, **expected):
    """By the field on the basket page."""
    form = next(form for form in page.forms("/en/basket", offer=str(offer.id)) if form.tag.find(id=True))
    return form.submit(quantity=quantity, **expected)


def test_an_empty_basket_says_what_to_do_first(client):
    page = client.get("/en/basket")
    assert page.h1 == "Your basket"
    assert "Nothing in it yet" in page.text
    assert page.link("See the projects") == "/en/projects"
    assert "Continue to the certificate" not in page.text


def test_an_offer_is_added_by_its_form_and_shown_with_its_sum(client, offer):
    page = add(client, offer, "25")
    assert page.url == "/en/basket"
    assert page.h1 == "Your basket"
    assert "Sample stoves" in page.text
    assert "$11.20 per tonne" in page.text
    assert "$280.00" in page.text
    assert offer.provider.legal_name in page.text
    assert "Malawi" in page.text
    assert page.link("Continue to the certificate") == "/en/checkout"


def test_adding_answers_see_other(client, offer):
    answer = add(client, offer, follow=False, status=303)
    assert answer.location == "/en/basket"


def test_adding_again_sets_the_quantity(client, offer, session):
    add(client, offer, "25")
    add(client, offer, "30")
    assert session.execute(select(BasketItem.quantity)).scalars().all() == [30]


def test_the_header_counts_what_is_in_the_basket(client, offer):
    assert client.get("/en/basket").all("header .count") == []
    page = add(client, offer)
    assert {tag.text for tag in page.all("header .count")} == {"1"}


def test_without_a_token_against_forgery_nothing_is_added(client, offer, session):
    client.post("/en/basket", {"offer": str(offer.id), "quantity": "1"}, status=400)
    assert session.execute(select(func.count()).select_from(Basket)).scalar_one() == 0


def test_what_is_no_whole_number_is_refused_and_told(client, offer, session):
    page = add(client, offer, "2.5")
    assert page.url == project(offer)
    assert "Units are whole tonnes. Enter a number without decimals, such as 25." in page.text
    assert session.execute(select(func.count()).select_from(BasketItem)).scalar_one() == 0


def test_numbers_are_grouped_as_the_language_groups_them(client, session):
    offer = make_offer(session, quantity=5000)
    session.commit()
    page = client.get(f"/es/projects/{offer.mandate.block.activity_ref}")
    page.form("/es/basket").submit(quantity="1.000")
    assert session.execute(select(BasketItem.quantity)).scalar_one() == 1000


def test_more_than_there_is_is_told_on_the_projects_page(client, offer):
    page = add(client, offer, "101")
    assert page.url == project(offer)
    assert "Only 100 t are left." in page.text


def test_only_what_nobody_else_holds_can_be_added(client, offer, session):
    make_orders(session, {offer: 92})
    session.commit()
    assert "Only 8 t are left." in add(client, offer, "9").text
    assert add(client, offer, "8").url == "/en/basket"


def test_one_tonne_left_is_told_in_the_singular(client, offer, session):
    make_orders(session, {offer: 99})
    session.commit()
    assert "Only 1 t is left." in add(client, offer, "9").text


def test_a_sellers_limits_are_told(client, session):
    offer = make_offer(session, min_quantity=10, max_quantity=50)
    session.commit()
    assert "The seller takes orders of 10 t or more." in add(client, offer, "9").text
    assert "The seller takes orders of at most 50 t." in add(client, offer, "51").text


def test_an_unknown_offer_is_told(client, offer):
    for offer_id in ("00000000-0000-0000-0000-000000000000", "no id", ""):
        page = client.get(project(offer)).form("/en/basket").submit(offer=offer_id, quantity="1")
        assert page.url == "/en/basket"
        assert "These units are not on sale any more." in page.text


def test_an_offer_that_is_not_on_sale_cannot_be_added(client, offer, session):
    page = client.get(project(offer))
    offer.state = OfferState.PAUSED
    session.commit()
    page = page.form("/en/basket").submit(quantity="1")
    assert page.url == project(offer)
    assert "These units are not on sale any more." in page.text


def test_the_quantity_can_be_changed_in_the_basket(client, offer):
    page = change(add(client, offer, "25"), offer, "30")
    assert page.url == "/en/basket"
    assert "$336.00" in page.text


def test_a_wrong_change_is_told_beside_the_field_and_what_was_typed_stays(client, offer, session):
    page = change(add(client, offer, "25"), offer, "2.5", status=422)
    assert (
        page.error("quantity-1-1") == "Units are whole tonnes. Enter a number without decimals, such as 25."
    )
    field = page.one("#quantity-1-1")
    assert field["value"] == "2.5"
    assert field["aria-invalid"] == "true"
    assert session.execute(select(BasketItem.quantity)).scalar_one() == 25


def test_a_change_beyond_what_is_left_is_told_beside_the_field(client, offer):
    page = change(add(client, offer, "25"), offer, "101", status=422)
    assert page.error("quantity-1-1") == "Only 100 t are left."


def test_a_line_is_removed_by_its_button(client, offer):
    page = add(client, offer)
    page = next(form for form in page.forms("/en/basket", quantity="0")).submit()
    assert "Nothing in it yet" in page.text
    assert "Taken out: Sample stoves" in page.text


def test_zero_takes_a_line_out(client, offer):
    assert "Nothing in it yet" in change(add(client, offer), offer, "0").text


def test_prices_are_live(client, offer, session):
    add(client, offer, "10")
    offer.price_minor = 1230
    session.commit()
    assert "$123.00" in client.get("/en/basket").text


def test_a_quantity_that_is_gone_is_marked_with_what_is_left_and_taken_by_one_click(client, offer, session):
    add(client, offer, "25")
    make_orders(session, {offer: 92})
    session.commit()
    page = client.get("/en/basket")
    assert page.error("quantity-1-1") == "Only 8 t are left."
    assert "Continue to the certificate" not in page.text
    page = page.form("/en/basket", quantity="8").submit()
    assert page.error("quantity-1-1") == ""
    assert "$89.60" in page.text
    assert page.link("Continue to the certificate") == "/en/checkout"


def test_an_offer_that_is_gone_can_only_be_removed(client, offer, session):
    add(client, offer, "25")
    offer.state = OfferState.WITHDRAWN
    session.commit()
    page = client.get("/en/basket")
    assert page.error("quantity-1-1") == "These units are not on sale any more."
    assert [form.fields["quantity"] for form in page.forms("/en/basket")] == [["25"], ["0"]]


def test_what_is_left_below_the_sellers_minimum_is_not_offered(client, session):
    offer = make_offer(session, quantity=100, min_quantity=10)
    session.commit()
    add(client, offer, "25")
    make_orders(session, {offer: 95})
    session.commit()
    assert [form.fields["quantity"] for form in client.get("/en/basket").forms("/en/basket")] == [
        ["25"],
        ["0"],
    ]


def test_items_are_grouped_by_provider_and_each_is_a_payment(client, session):
    first, second = make_provider(session, "First Ltd"), make_provider(session, "Second Ltd", country="BR")
    offers = [make_offer(session, provider=provider, price="10.00") for provider in (first, second, first)]
    session.commit()
    for offer in offers:
        page = add(client, offer, "2")
    groups = page.all("section.card:has(.basket-lines)")
    assert [group.h2.text for group in groups] == ["First Ltd", "Second Ltd"]
    assert [len(group.select(".basket-lines > li")) for group in groups] == [2, 1]
    assert ["$40.00" in groups[0].text, "$20.00" in groups[1].text] == [True, True]
    assert "2 payments, one after the other." in page.text
    assert "$60.00" in page.one("aside").text


def test_currencies_are_never_added_up(client, session):
    dollars, euros = make_offer(session, price="10.00"), make_offer(session, price="20.00", currency="EUR")
    session.commit()
    add(client, dollars, "1")
    page = add(client, euros, "1")
    summary = page.one("aside").get_text(" ")
    assert "Total in USD" in summary
    assert "$10.00" in summary
    assert "€20.00" in summary
    assert "30.00" not in page.text
    assert "never converted or added up" in summary


def test_one_provider_in_two_currencies_is_two_payments(client, session):
    provider = make_provider(session)
    offers = [make_offer(session, provider=provider, currency=currency) for currency in ("USD", "EUR")]
    session.commit()
    for offer in offers:
        page = add(client, offer, "1")
    assert "2 payments" in page.text


def test_one_payment_is_not_called_several(client, offer):
    page = add(client, offer)
    assert "payments" not in page.text
    assert "Your payment goes straight to the seller." in page.text


def test_another_visitor_has_another_basket(app, client, offer):
    add(client, offer)
    assert "Nothing in it yet" in type(client)(app.test_client()).get("/en/basket").text


def test_a_title_is_shown_as_text(client, session):
    offer = make_offer(session, activity=make_activity(session, title="<script>alert(1)</script> & wind"))
    session.commit()
    assert "<script>alert(1)</script> & wind" in add(client, offer).text


def test_two_clicks_at_once_are_one_line(app, client, offer, session, monkeypatch):
    """Both requests have looked at the offer before either has put it into the basket."""
    other = make_offer(session)
    session.commit()
    page = add(client, other, "1")
    both = threading.Barrier(2, timeout=30)

    def read_together(*args):
        found = read_offer(*args)
        both.wait()
        return found

    read_offer = basket.read_offer
    monkeypatch.setattr(basket, "read_offer", read_together)
    token = page.forms("/en/basket")[0].fields["csrf_token"][0]
    sent = {"csrf_token": token, "offer": str(offer.id), "quantity": "25"}
    cookie = page.response.request.headers["Cookie"]

    def click(_):
        return app.test_client(use_cookies=False).post("/en/basket", data=sent, headers={"Cookie": cookie})

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(click, range(2)))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert sorted(session.execute(select(BasketItem.quantity)).scalars()) == [1, 25]


def test_units_whose_project_the_certificate_cannot_print_are_not_taken(client, offer, fakes) -> None:
    page = client.get(f"/en/projects/{offer.mandate.block.activity_ref}")
    fakes.certificates.unprintable = offer.mandate.block.activity.title[0]
    page = page.form("/en/basket", offer=str(offer.id)).submit(quantity="5")
    assert "could not print" in page.text
    assert "Nothing in it yet" in client.get("/en/basket").text
