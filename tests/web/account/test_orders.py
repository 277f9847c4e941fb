"""The account's first page: orders with their certificates, and those made as a guest."""

import pytest

from app.domain.orders import bought
from tests.factories import make_offer, make_order
from tests.web.pages import words


def numbers(page) -> list[str]:
    return [words(link) for link in page.all("main tbody th a")]


def test_without_orders_it_says_what_to_do(ana):
    page = ana.get("")
    assert page.h1 == "Your orders"
    assert "No orders yet" in page.text
    assert page.link("See the projects") == "/en/projects"
    assert page.response.headers["Cache-Control"] == "no-store"


def test_orders_stand_with_state_and_downloads(ana, journey):
    done, waiting = ana.owns(journey.place(20, 5)), ana.owns(journey.place(3))
    certificate = journey.complete(done)
    page = ana.get("")
    assert numbers(page) == [waiting.number, done.number]
    rows = [words(row) for row in page.all("main tbody tr")]
    assert "Waiting for payment" in rows[0]
    assert "none yet" in rows[0]
    for fact in (
        "Units cancelled",
        "25",
        "US$280.00",
        certificate.number,
        "Sample efficient cookstoves, Zomba",
    ):
        assert fact in rows[1]
    links = [link["href"] for link in page.all("main tbody tr:nth-of-type(2) td a")]
    assert links == [
        f"/en/certificates/{certificate.code}",
        f"/certificates/{certificate.code}.pdf",
        f"/certificates/{certificate.code}.json",
    ]
    assert done.token not in page.response.text, "the secret address need not stand in a list"
    assert page.follow(done.number).url == f"/en/orders/{done.token}"


def test_a_payment_that_is_pending_is_said_as_on_the_orders_page(ana, journey):
    order = ana.owns(journey.place(3))
    journey.pay(order, "pending")
    assert "Payment pending" in ana.get("").text


def test_an_organisations_orders_are_filtered(ana, otto, journey):
    bakery = ana.organisation(viewer=otto)
    own, shared = ana.owns(journey.place(3)), ana.owns(journey.place(4), bakery)
    page = ana.get("")
    assert numbers(page) == [shared.number, own.number]
    page = page.form("/en/account").submit(organisation=str(bakery.id))
    assert numbers(page) == [shared.number]
    assert "Those of Sample Bakery." in page.text
    assert numbers(otto.get("")) == [shared.number]
    assert otto.get(f"/orders/{shared.number}").url == f"/en/orders/{shared.token}"


def test_older_orders_are_a_page_further(ana, session, monkeypatch):
    monkeypatch.setattr(bought, "PAGE_SIZE", 2)
    offer = make_offer(session)
    made = [make_order(session, offer, 1) for _ in range(5)]
    session.commit()
    for order in made:
        ana.owns(order)
    page, found = ana.get(""), []
    for _ in range(2):
        found += numbers(page)
        page = page.follow("Older")
    found += numbers(page)
    assert sorted(found) == sorted(order.number for order in made)
    assert not [link for link in page.all("main a") if words(link) == "Older"]
    assert numbers(page.follow("Newest")) == found[:2]
    assert numbers(ana.get("?after=nonsense")) == found[:2]


def test_nobody_sees_anybody_elses(ana, otto, journey):
    theirs = otto.owns(journey.place(3))
    guests = journey.place(4)
    club = otto.organisation("Club")
    assert numbers(ana.get("")) == []
    for order in (theirs, guests):
        ana.get(f"/orders/{order.number}", status=404)
    for organisation in (club.id, "nonsense"):
        ana.get(f"?organisation={organisation}", status=404)


# Made as a guest.


def test_guests_orders_are_added_once(ana, journey):
    order = journey.place(3, email="ANA@example.org")
    page = ana.get("")
    assert "1 order was made as a guest with this address" in page.text
    page = page.form("/en/account/claim").submit()
    assert "1 order was added to your account." in page.text
    assert numbers(page) == [order.number]
    assert page.forms("/en/account/claim") == []
    assert "0 orders were added" in ana.post("/claim").text
    ana.client.get(f"/en/orders/{order.token}")


def test_several_are_counted(ana, journey):
    journey.place(3, 4, email=ana.email, providers=2)
    page = ana.get("")
    assert "2 orders were made as a guest" in page.text
    assert "2 orders were added" in page.form("/en/account/claim").submit().text


def test_an_unverified_address_claims_nothing(ana, journey, session):
    order = journey.place(3, email=ana.email)
    ana.person().email_verified = False
    session.commit()
    page = ana.get("")
    assert "Your e-mail address is not verified" in page.text
    assert page.forms("/en/account/claim") == []
    assert "not verified yet, so nothing was added" in ana.post("/claim").text
    assert journey.fresh(order).person_id is None


# For everybody.


@pytest.mark.parametrize(
    "path", ["", "/profile", "/organisations", "/saved-names", "/privacy", "/erase", "/sign-ins"]
)
def test_guests_are_asked_to_sign_in_and_come_back(client, path):
    page = client.get(f"/en/account{path}", follow=False, status=303)
    assert page.location == f"/en/sign-in?next=/en/account{path}"


def test_the_name_in_the_header_leads_here(ana):
    assert ana.client.get("/en/projects").link("Signed in: Ana Sample") == "/en/account"
