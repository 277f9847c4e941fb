"""A buyer whose units wait, or could not be had, is told so before and after paying, and chooses."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.domain.offers.models import Offer
from app.domain.orders.decide_order import Act
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import ReleaseRule
from app.domain.payments.release_terms import ReleaseTerms
from app.domain.payments.set_release_policy import set_release_policy
from app.money import Money
from tests.domain.people.samples import make_buyer
from tests.factories import NOW, make_offer, make_provider
from tests.journey import PROVIDER, Journey
from tests.web.pages import Client, Page
from tests.web.public.steps import fill_in, put

DELAY = ReleaseTerms(ReleaseRule.DELAY, 24)
REVIEW = ReleaseTerms(ReleaseRule.REVIEW, 48)
AT_ONCE = "As soon as the payment is confirmed, the units are cancelled in the registry."
WAITS = f"Your units are cancelled 24 hours after the payment is confirmed, because {PROVIDER} waits"
CHECKS = f"Your units are cancelled once {PROVIDER} has checked the payment, within 48 hours."


def page_of(client: Client, order: Order) -> Page:
    return client.get(f"/en/orders/{order.token}")


def test_it_is_read_back_before_anything_is_ordered(client: Client, session: Session):
    provider = make_provider(session, PROVIDER)
    offer = make_offer(session, price="20.00", provider=provider)
    session.commit()
    put(client, offer)
    assert AT_ONCE in fill_in(client).text
    person = make_buyer(session).id
    set_release_policy(session, provider.id, DELAY, Money(50_000, "USD"), person, NOW)
    session.commit()
    page = client.get("/en/checkout/confirm")
    assert WAITS in page.text
    assert AT_ONCE not in page.text
    assert "As soon as the payment is confirmed, the registry cancels" not in page.text
    set_release_policy(session, provider.id, DELAY, Money(50_001, "USD"), person, NOW)
    session.commit()
    assert AT_ONCE in client.get("/en/checkout/confirm").text


@pytest.mark.parametrize(("terms", "said"), [(DELAY, WAITS), (REVIEW, CHECKS)])
def test_an_unpaid_order_says_from_when_its_units_are_cancelled(
    client: Client, journey: Journey, terms: ReleaseTerms, said: str
):
    order = journey.place(20)
    assert AT_ONCE in page_of(client, order).text
    journey.let_wait(order, terms)
    for address in (f"/en/orders/{order.token}", f"/en/orders/{order.token}/pay"):
        page = client.get(address)
        assert said in page.text
        assert AT_ONCE not in page.text


def test_a_delay_is_shown_while_it_lasts(client: Client, journey: Journey):
    order = journey.place(20)
    journey.let_wait(order, DELAY)
    journey.pay(order)
    page = page_of(client, order)
    assert page.h1 == "Your payment has arrived"
    assert f"{PROVIDER} waits that long with payments that could be taken back." in page.text
    assert "The seller waits before cancelling" in page.text
    assert client.get(f"/orders/{order.token}.json").json["state"] == "paid"
    journey.passed += timedelta(hours=24)
    journey.release(order)
    journey.cancel(order)
    journey.certify(order)
    assert page_of(client, order).h1 == "Your units are cancelled"


def test_a_review_is_shown_and_nobody_is_left_without_a_word(client: Client, journey: Journey):
    order = journey.place(20)
    journey.let_wait(order, REVIEW)
    journey.pay(order)
    assert f"{PROVIDER} checks the payment by" in page_of(client, order).text
    journey.age(order.id, release_at=journey.now - timedelta(minutes=1))
    page = page_of(client, order)
    assert "and has not done so. The platform’s administrators have been told." in page.text
    assert "The seller or an administrator decides" in page.text
    journey.decide(order, Act.CLEAR)
    assert "PayPal is asked once more, then the units are cancelled." in page_of(client, order).text


@pytest.mark.parametrize(
    ("kind", "amount", "h1", "said"),
    [
        (
            "chargeback",
            None,
            "Your payment has gone back",
            "The money left the seller again before anything was cancelled.",
        ),
        ("refund", 1_000, "A part of the payment is missing", "has US$214.00 of US$224.00"),
    ],
)
def test_money_that_left_again_is_told(
    client: Client, journey: Journey, kind: str, amount: int | None, h1: str, said: str
):
    order = journey.place(20)
    journey.let_wait(order, DELAY)
    journey.pay(order)
    journey.move_money(order, kind, Money(amount, order.currency) if amount else order.total)
    journey.look(order)
    page = page_of(client, order)
    assert page.h1 == h1
    assert said in page.text
    if amount:
        assert "Pay US$10.00 with PayPal" in page.text
        assert "Pay US$10.00 with PayPal" in client.get(f"/en/orders/{order.token}/pay").text


def _refused(journey: Journey, *tonnes: int, others: bool = True) -> Order:
    order = journey.place(*tonnes)
    if others:
        journey.offer_others(order)
    journey.pay(order)
    for line in range(len(tonnes)):
        journey.registry.change_block(journey.mandate_of(order, line), status="frozen")
    journey.cancel(order)
    return order


def test_other_units_are_chosen_and_cancelled(client: Client, journey: Journey):
    order = _refused(journey, 20, 5)
    page = page_of(client, order)
    assert page.h1 == "Your units could not be cancelled"
    assert "The registry has frozen or moved these units." in page.text
    form = page.form(f"/en/orders/{order.token}/substitute")
    names = {str(tag["name"]) for tag in form.tag.select("[type=radio]")}
    assert len(names) == 2
    assert not form.tag.select("[checked]"), "nobody chooses for the buyer what cannot be undone"
    unchosen = form.submit()
    assert "Choose one of the units below." in unchosen.text
    assert journey.fresh(order).state == OrderState.FULFILMENT_FAILED
    chosen = {name: form.options(name)[0] for name in names}
    page = form.submit(**chosen)
    assert page.h1 == "Your units are being cancelled"
    again = form.submit(**chosen)
    assert "There is nothing to choose any more." in again.text
    journey.cancel(order)
    journey.certify(order)
    page = page_of(client, order)
    assert page.h1 == "Your units are cancelled"
    assert "Refused by the registry" not in page.text
    lines = client.get(f"/orders/{order.token}.json").json["lines"]
    assert [line["cancellation"]["state"] for line in lines] == ["completed", "completed"]


def test_units_that_were_sold_meanwhile_are_not_offered_any_more(client: Client, journey: Journey):
    order = _refused(journey, 20)
    page = page_of(client, order)
    with journey.sessions.begin() as session:
        for offer in session.query(Offer).filter_by(provider_id=order.provider_id):
            offer.held = offer.quantity
    form = page.form(f"/en/orders/{order.token}/substitute")
    [name] = {str(tag["name"]) for tag in form.tag.select("[type=radio]")}
    after = form.submit(**{name: form.options(name)[0]})
    assert "Choose one of the units below." in after.text
    assert "The seller has no other units left that fit your order." in after.text
    assert after.forms(f"/en/orders/{order.token}/substitute") == []


def test_the_money_can_be_had_instead(client: Client, journey: Journey):
    order = _refused(journey, 20)
    form = page_of(client, order).form(f"/en/orders/{order.token}/money-back")
    assert form.submit().h1 == "Your money is going back"
    assert "There is nothing to choose any more." in form.submit().text
    journey.refund(order)
    assert page_of(client, order).h1 == "Refunded"
    client.post("/en/orders/unknown/money-back", status=400)


def test_without_other_units_nobody_is_asked(client: Client, journey: Journey):
    order = _refused(journey, 20, others=False)
    assert page_of(client, order).h1 == "Your money is going back"


@pytest.mark.parametrize("act", Act)
def test_what_a_person_has_decided_is_told(client: Client, journey: Journey, act: Act):
    order = journey.place(20)
    payment = journey.approve(order)
    journey.gateway.checkouts[payment.external_id or ""].amount = Money(1, order.currency)
    journey.look(order)
    journey.decide(order, act)
    page = page_of(client, order)
    if act is Act.CLEAR:
        assert "Pay US$224.00 with PayPal" in page.text
    else:
        assert page.h1 == "This order has ended"
        assert "A person has looked into the order and ended it." in page.text
