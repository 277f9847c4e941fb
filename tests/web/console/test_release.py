"""From when units are cancelled: the provider's own decision, its waiting orders, and what it can answer a dispute with."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import ReleaseRule
from app.domain.payments.payee_models import ReleasePolicy
from app.domain.payments.release_terms import ReleaseTerms
from app.domain.people.models import RegistryAccount
from app.settings import Settings
from tests.factories import make_offer
from tests.journey import Journey
from tests.web.conftest import Fakes
from tests.web.console.conftest import Seller
from tests.web.pages import Page, words

POLICY = "/en/console/release-policy"
REVIEW = ReleaseTerms(ReleaseRule.REVIEW, 48)


@pytest.fixture
def journey(settings: Settings, engine: Engine, fakes: Fakes) -> Journey:
    return Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)


def sold(journey: Journey, seller: Seller, terms: ReleaseTerms | None = None) -> Order:
    """An order of the provider for whom the seller's person acts, paid."""
    order = journey.place(20)
    with journey.sessions.begin() as session:
        session.get_one(RegistryAccount, seller.account).provider_id = order.provider_id
    if terms is not None:
        journey.let_wait(order, terms)
    journey.pay(order)
    return order


def order_page(seller: Seller, order: Order) -> Page:
    return seller.client.get(f"/en/console/orders/{order.number}")


# The policy.


def test_a_provider_decides_for_each_currency(session: Session, seller: Seller):
    assert "Nothing to decide yet" in seller.client.get(POLICY).text
    for currency in ("USD", "EUR"):
        make_offer(session, provider=seller.provider, currency=currency)
    session.commit()
    page = seller.client.get("/en/console").follow("From when units are cancelled")
    form = page.form(POLICY)
    assert form.fields["rule-EUR"] == ["at_once"]
    assert form.fields["amount-EUR"] == ["500.00"], "what is suggested"
    assert form.fields["amount-USD"] == [""]
    page = form.submit(
        **{"rule-EUR": "review", "hours-EUR": "48", "rule-USD": "delay", "amount-USD": "750,50"}
    )
    assert "Saved." in page.text
    assert [(each.currency, each.rule, each.hours, each.from_minor) for each in policies(session)] == [
        ("EUR", ReleaseRule.REVIEW, 48, 50_000),
        ("USD", ReleaseRule.DELAY, 24, 75_050),
    ]
    assert all(each.changed_by == seller.person.person_id for each in policies(session))
    page.form(POLICY).submit(**{"rule-EUR": "at_once"})
    assert [each.currency for each in policies(session)] == ["USD"]


@pytest.mark.parametrize(
    ("name", "value"), [("hours", "0"), ("hours", "169"), ("hours", "1.5"), ("amount", ""), ("amount", "-1")]
)
def test_a_form_that_cannot_be_comes_back_filled_in(session: Session, seller: Seller, name: str, value: str):
    for currency in ("USD", "EUR"):
        make_offer(session, provider=seller.provider, currency=currency)
    session.commit()
    typed = {"rule-EUR": "delay", "rule-USD": "review", "amount-USD": "500", f"{name}-USD": value}
    page = seller.client.get(POLICY).form(POLICY).submit(status=422, **typed)
    assert list(page.errors) == [f"{name}-USD"]
    assert page.form(POLICY).fields["rule-USD"] == ["review"]
    assert page.form(POLICY).fields[f"{name}-USD"] == [value]
    assert policies(session) == [], "all of it, or nothing"


def policies(session: Session) -> list[ReleasePolicy]:
    session.expire_all()
    return session.query(ReleasePolicy).order_by(ReleasePolicy.currency).all()


# The order.


def test_a_provider_lets_the_units_be_cancelled(journey: Journey, seller: Seller):
    order = sold(journey, seller, REVIEW)
    page = order_page(seller, order)
    assert "This order waits for you" in page.text
    form = page.form(f"/en/console/orders/{order.number}/release")
    page = form.submit()
    assert "The payment service is asked once more" in page.text
    assert page.forms(f"/en/console/orders/{order.number}/release") == []
    assert "does not wait for you any more" in form.submit().text
    journey.release(order)
    journey.cancel(order)
    assert journey.fresh(order).state == OrderState.COMPLETED
    assert journey.fresh(order).released_by == seller.person.person_id


def test_a_provider_does_not_accept_the_payment(journey: Journey, seller: Seller):
    order = sold(journey, seller, REVIEW)
    page = order_page(seller, order).form(f"/en/console/orders/{order.number}/refuse").submit()
    assert "The buyer’s money goes back" in page.text
    assert "The seller has checked the payment and does not accept it." in page.text
    assert journey.fresh(order).state == OrderState.REFUND_DUE


def test_nobody_decides_for_somebody_else(journey: Journey, seller: Seller, neighbour: Seller):
    order, theirs = sold(journey, seller, REVIEW), neighbour.client
    token = theirs.get("/en/console").all("input[name=csrf_token]")[0]["value"]
    for act in ("release", "refuse"):
        theirs.post(f"/en/console/orders/{order.number}/{act}", {"csrf_token": token}, status=404)
    theirs.get(f"/en/console/orders/{order.number}/evidence", status=404)
    kept = journey.fresh(order)
    assert (kept.state, kept.released_by) == (OrderState.PAID, None)


def test_the_page_shows_the_money(journey: Journey, seller: Seller):
    order = sold(journey, seller)
    rows = [words(row) for row in order_page(seller, order).all("#money ~ .table tbody tr, .card tbody tr")]
    assert any("PayPal" in row and "US$224.00" in row and "at once" in row for row in rows)
    assert any("Received" in row and "CAPTURE" in row for row in rows)


def test_a_dispute_is_shown_until_it_is_won(journey: Journey, seller: Seller):
    order = sold(journey, seller)
    journey.cancel(order)
    certificate = journey.certify(order)
    assert "A payment is disputed" not in order_page(seller, order).text
    journey.move_money(order, "chargeback", order.total)
    journey.look(order)
    page = order_page(seller, order)
    assert "A payment is disputed" in page.text
    assert "Units cancelled" in page.text, "the order's state has not changed"
    packed = seller.client.get(page.link("What is known of this order (ZIP)")).response
    assert packed.headers["Content-Disposition"] == f'attachment; filename="evidence-{order.number}.zip"'
    with ZipFile(BytesIO(packed.data)) as file:
        name = certificate.filename
        assert sorted(file.namelist()) == sorted(["evidence.json", name, name.replace(".pdf", ".json")])
        record = json.loads(file.read("evidence.json"))
        assert file.read(name).startswith(b"%PDF")
    assert record["order"]["number"] == order.number
    assert record["order"]["buyer_email"] == "b…@example.org"
    assert [each["kind"] for each in record["payments"][0]["movements"]] == ["receipt", "chargeback"]
    assert record["delivery"]["certificate"]["number"] == certificate.number
    assert len(record["delivery"]["cancellations"][0]["serial_ranges"]) >= 1
    assert {each["kind"] for each in record["consents"]} == {"terms", "immediate"}
    for secret in (order.token, order.email):
        assert secret not in json.dumps(record)
    journey.move_money(order, "chargeback_won", order.total)
    journey.look(order)
    assert "A payment is disputed" not in order_page(seller, order).text


def test_an_anonymous_beneficiary_stays_so_in_the_evidence(journey: Journey, seller: Seller):
    order = sold(journey, seller)
    with journey.sessions.begin() as session:
        session.get_one(Order, order.id).disclosure = "anonymous"
    packed = seller.client.get(f"/en/console/orders/{order.number}/evidence").response
    assert b"Sample Buyer GmbH" not in ZipFile(BytesIO(packed.data)).read("evidence.json")
