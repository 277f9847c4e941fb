"""The checkout for somebody who is signed in: less to type, and the order knows whose it is."""

import pytest
from sqlalchemy import Engine, event, select

from app.domain.orders.models import Basket, Order
from app.domain.people.account_models import MemberRole, Membership, SavedBeneficiary
from app.domain.people.models import PersonKind
from app.domain.people.save_beneficiary import save_beneficiary
from tests.factories import NOW, make_offer
from tests.web.account.conftest import Buyer
from tests.web.pages import Client, Page, words
from tests.web.people import make_person, sign_in
from tests.web.public.steps import CONSENTS, DETAILS, put

CHECKOUT, CONFIRM = "/en/checkout", "/en/checkout/confirm"


@pytest.fixture
def offer(session):
    made = make_offer(session)
    session.commit()
    return made


def form(buyer: Buyer, offer):
    """The checkout's form, with something in the basket."""
    put(buyer.client, offer)
    return buyer.client.get(CHECKOUT).form(CHECKOUT)


def place(page: Page) -> None:
    page.form(CONFIRM).submit(follow=False, status=303, **CONSENTS)


def order(session) -> Order:
    session.expire_all()
    return session.scalars(select(Order)).one()


def save(session, buyer: Buyer, name: str = "Ñandú & Cie", organisation=None) -> SavedBeneficiary:
    save_beneficiary(
        session,
        buyer.person_id,
        kind=PersonKind.ORGANISATION,
        name=name,
        country="FR",
        organisation_id=organisation.id if organisation else None,
        now=NOW,
    )
    session.commit()
    return session.scalars(select(SavedBeneficiary).where(SavedBeneficiary.name == name)).one()


def test_what_is_known_is_filled_in(ana, offer, session):
    person = ana.person()
    person.country, person.kind = "JP", PersonKind.INDIVIDUAL
    session.commit()
    fields = form(ana, offer).fields
    assert (fields["email"], fields["beneficiary_country"], fields["beneficiary_type"]) == (
        ["ana@example.org"],
        ["JP"],
        ["individual"],
    )
    assert "buying_for" not in fields, "nothing to choose from"


def test_the_order_is_the_persons(ana, otto, offer, session):
    page = form(ana, offer).submit(**DETAILS)
    facts = {words(row.dt): words(row.select("dd")[0]) for row in page.all("dl.facts > div")}
    assert facts["Bought for"] == "yourself"
    place(page)
    found = order(session)
    assert (found.person_id, found.organisation_id, found.group.person_id) == (
        ana.person_id,
        None,
        ana.person_id,
    )
    assert found.email == "buyer@example.org", "the certificate goes where the buyer says"
    assert found.number in ana.get("").text
    otto.get(f"/orders/{found.number}", status=404)


def test_buying_for_an_organisation(ana, otto, offer, session):
    bakery = ana.organisation(buyer=otto)
    ana.organisation("Not Otto's")
    start = form(otto, offer)
    assert start.options("buying_for") == ["myself", str(bakery.id)]
    assert start.fields["buying_for"] == ["myself"]
    page = start.submit(buying_for=str(bakery.id), **DETAILS)
    assert "Bought for Sample Bakery" in page.text
    assert otto.client.get(CHECKOUT).form(CHECKOUT).fields["buying_for"] == [str(bakery.id)]
    place(page)
    found = order(session)
    assert (found.person_id, found.organisation_id) == (otto.person_id, bakery.id)
    assert found.number in ana.get("").text


def test_a_viewer_sees_the_organisations_orders_and_buys_for_themselves(ana, otto, offer, session):
    bakery = ana.organisation(viewer=otto)
    start = form(otto, offer)
    assert "buying_for" not in start.fields
    otto.client.post(
        CHECKOUT,
        {"csrf_token": start.fields["csrf_token"], "buying_for": str(bakery.id), **DETAILS},
        status=404,
    )


def test_who_may_not_any_more_is_asked_again(ana, otto, offer, session):
    bakery = ana.organisation(buyer=otto)
    page = form(otto, offer).submit(buying_for=str(bakery.id), **DETAILS)
    session.get_one(Membership, (bakery.id, otto.person_id)).role = MemberRole.VIEWER
    session.commit()
    page = page.form(CONFIRM).submit(**CONSENTS)
    assert page.url == CHECKOUT
    assert "Nothing was ordered" in page.text
    assert session.scalars(select(Order)).all() == []


def test_a_saved_name_takes_the_place_of_what_is_typed(ana, offer, session):
    saved = save(session, ana)
    start = form(ana, offer)
    assert start.options("saved_beneficiary") == ["", str(saved.id)]
    typed = {key: DETAILS[key] for key in ("purpose", "certificate_language", "method")}
    page = start.submit(saved_beneficiary=str(saved.id), **typed)
    assert page.url == CONFIRM
    place(page)
    found = order(session)
    assert (found.beneficiary_type, found.beneficiary_name, found.beneficiary_country, found.disclosure) == (
        "organisation",
        "Ñandú & Cie",
        "FR",
        "public",
    )


def test_a_refused_form_keeps_what_was_chosen(ana, offer, session):
    bakery, saved = ana.organisation(), save(session, ana)
    page = form(ana, offer).submit(
        status=422,
        buying_for=str(bakery.id),
        saved_beneficiary=str(saved.id),
        save_beneficiary="yes",
        email="nobody",
    )
    fields = page.form(CHECKOUT).fields
    assert (fields["buying_for"], fields["saved_beneficiary"], fields["save_beneficiary"]) == (
        [str(bakery.id)],
        [str(saved.id)],
        ["yes"],
    )


@pytest.mark.parametrize("for_organisation", [False, True])
def test_a_name_is_saved_on_the_way(ana, offer, session, for_organisation):
    bakery = ana.organisation()
    form(ana, offer).submit(
        buying_for=str(bakery.id) if for_organisation else "myself", save_beneficiary="yes", **DETAILS
    )
    saved = session.scalars(select(SavedBeneficiary)).one()
    assert (saved.name, saved.country, saved.kind) == ("Sample Buyer GmbH", "DE", "organisation")
    assert (saved.person_id, saved.organisation_id) == (
        (None, bakery.id) if for_organisation else (ana.person_id, None)
    )


def test_who_stays_anonymous_is_not_saved(ana, offer, session):
    form(ana, offer).submit(save_beneficiary="yes", **(DETAILS | {"disclosure": "anonymous"}))
    assert session.scalars(select(SavedBeneficiary)).all() == []


def test_what_is_anothers_cannot_be_chosen(ana, otto, offer, session):
    saved, club = save(session, otto), otto.organisation("Club")
    token = form(ana, offer).fields["csrf_token"]
    for theirs in ({"saved_beneficiary": str(saved.id)}, {"buying_for": str(club.id)}, {"buying_for": "x"}):
        ana.client.post(CHECKOUT, {"csrf_token": token, **DETAILS, **theirs}, status=404)
    assert session.scalars(select(Basket)).one().details is None


# Signing in and out on the way.


def test_the_basket_is_kept_through_signing_in(client, fakes, offer, session):
    put(client, offer)
    sign_in(client, fakes, person=make_person(email="ana@example.org"), next=CHECKOUT)
    page = client.get(CHECKOUT)
    assert page.form(CHECKOUT).fields["email"] == ["ana@example.org"]
    place(page.form(CHECKOUT).submit(**DETAILS))
    assert order(session).person_id is not None


def test_signing_in_between_reading_and_saying_yes_reads_once_more(client, fakes, offer, session):
    put(client, offer)
    client.get(CHECKOUT).form(CHECKOUT).submit(**DETAILS)
    read = client.get(CONFIRM)
    sign_in(client, fakes)
    client.get(CHECKOUT).form(CHECKOUT).submit(**DETAILS)
    old = read.form(CONFIRM).fields["read_back"]
    page = client.get(CONFIRM).form(CONFIRM).submit(read_back=old, **CONSENTS)
    assert "please read it once more" in page.text
    assert session.scalars(select(Order)).all() == []


# Guests.


def test_guests_see_nothing_of_it(client, offer, session):
    put(client, offer)
    page = client.get(CHECKOUT)
    assert set(page.form(CHECKOUT).fields) - {"csrf_token"} <= set(DETAILS)
    assert "You need no account." in page.text
    assert page.all("[name=buying_for], [name=saved_beneficiary], [name=save_beneficiary], .typed-name") == []
    page = page.form(CHECKOUT).submit(**DETAILS)
    assert "Bought for" not in page.text
    place(page)
    assert order(session).person_id is None


def test_a_guests_fields_of_an_account_are_not_looked_at(client, offer, session, ana):
    bakery = ana.organisation()
    put(client, offer)
    token = client.get(CHECKOUT).form(CHECKOUT).fields["csrf_token"]
    client.post(
        CHECKOUT,
        {"csrf_token": token, **DETAILS, "buying_for": str(bakery.id), "save_beneficiary": "yes"},
    )
    assert session.scalars(select(Basket)).one().organisation_id is None
    assert session.scalars(select(SavedBeneficiary)).all() == []


def test_a_guests_pages_ask_for_no_account(client: Client, offer, engine: Engine):
    put(client, offer)
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    for path in ("/en/projects", "/en/basket", CHECKOUT):
        client.get(path)
    event.remove(engine, "before_cursor_execute", note)
    assert asked
    tables = ("person", "sign_in", "membership", "organisation", "saved_beneficiary")
    assert [
        each for each in asked for table in tables if f"FROM {table}" in each or f"JOIN {table}" in each
    ] == []
