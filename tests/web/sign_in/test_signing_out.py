"""Signing out: here, at the provider, everywhere; and nothing of the person stays in the browser."""

from datetime import UTC, datetime

import pytest

from app.domain.people.models import Person
from tests.factories import make_offer
from tests.web.pages import Client
from tests.web.people import come_back, make_person, set_out, sign_in
from tests.web.public.steps import put
from tests.web.sign_in.looking import cookie, only, sign_in_rows_of, sign_ins, sign_out, sign_out_button, who


def test_out_means_out_here_and_there(client, fakes, session):
    ana = sign_in(client, fakes)
    token = cookie(client)
    page = sign_out(client)
    assert page.h1 == "You are signed out"
    assert who(page) == []
    row = only(session)
    assert (row.ended_why, row.access_sealed, row.refresh_sealed, row.id_token_sealed) == (
        "signed_out",
        None,
        None,
        None,
    )
    assert fakes.identity["public"].sessions_of(ana) == []
    # The old token is worth nothing, wherever it was kept.
    client.inner.set_cookie("vcp-public", token)
    assert who(client.get("/en/find-order")) == []


def test_signing_in_again_does_not_lead_back_to_the_page_about_signing_out(client, fakes):
    sign_in(client, fakes)
    page = sign_out(client)
    assert {str(tag["href"]) for tag in page.all("a[rel=nofollow]")} == {"/en/sign-in?next=/en/projects"}


def test_everything_of_the_browser_is_gone(client, fakes, session):
    offer = make_offer(session, quantity=100)
    session.commit()
    sign_in(client, fakes)
    put(client, offer, "25")
    with client.inner.session_transaction() as kept:
        kept["method"] = "paypal"
        secret = kept["csrf_token"]
    sign_out(client)
    assert cookie(client) is None
    with client.inner.session_transaction() as kept:
        assert set(kept) <= {"csrf_token"}
        assert kept.get("csrf_token") != secret
    assert "Nothing in it yet" in client.get("/en/basket").text


def test_two_people_at_one_browser_in_turn(client, fakes, session):
    offer = make_offer(session, quantity=100)
    session.commit()
    sign_in(client, fakes, person=make_person("Ana Sample"))
    put(client, offer, "25")
    sign_out(client)
    sign_in(client, fakes, person=make_person("Ben Sample"))
    page = client.get("/en/basket")
    assert who(page) == ["Ben Sample"]
    assert "Ana" not in page.text
    assert "Nothing in it yet" in page.text
    first, second = sign_ins(session)
    assert first.person_id != second.person_id


def test_the_form_needs_its_token(client, fakes, session):
    sign_in(client, fakes)
    for path in ("/en/sign-out", "/en/sign-out-everywhere"):
        client.post(path, {"realm": "public"}, status=400)
        client.post(path, {"realm": "public", "csrf_token": "made-up"}, status=400)
    assert only(session).ended_at is None


def test_no_link_signs_anybody_out(client, fakes, session):
    sign_in(client, fakes)
    for path in ("/en/sign-out", "/en/sign-out-everywhere"):
        assert client.inner.get(path).status_code == 405
    assert only(session).ended_at is None


@pytest.mark.parametrize("realm", ["", "elsewhere", "PUBLIC"])
def test_a_realm_that_there_is_not_is_refused(client, fakes, realm):
    sign_in(client, fakes)
    fields = sign_out_button(client.get("/en/find-order")) | {"realm": realm}
    client.post("/en/sign-out", fields, status=400)


def test_out_twice_is_out(client, fakes):
    sign_in(client, fakes)
    fields = sign_out_button(client.get("/en/find-order"))
    other = {"realm": "public", "csrf_token": fields["csrf_token"]}
    client.post("/en/sign-out", other)
    again = client.get("/en/find-order").form("/en/find-order").fields["csrf_token"]
    assert client.post("/en/sign-out", {"realm": "public", "csrf_token": again}).h1 == "You are signed out"


def test_one_realm_is_left_and_the_other_stays(client, fakes, session):
    offer = make_offer(session, quantity=100)
    session.commit()
    sign_in(client, fakes, person=make_person("Paula Buyer"))
    put(client, offer, "25")
    sign_in(client, fakes, "registry", make_person("Paula Provider", roles={"provider"}))
    sign_out(client, "registry")
    page = client.get("/en/basket")
    assert who(page) == ["Paula Buyer"]
    assert page.forms("/en/basket", offer=str(offer.id)), "a buyer who is still here keeps the basket"
    sign_out(client, "public")
    assert who(client.get("/en/basket")) == []
    assert "Nothing in it yet" in client.get("/en/basket").text


def test_the_buyer_leaves_and_the_provider_stays(client, fakes, session):
    offer = make_offer(session, quantity=100)
    session.commit()
    sign_in(client, fakes, person=make_person("Paula Buyer"))
    put(client, offer, "25")
    sign_in(client, fakes, "registry", make_person("Paula Provider", roles={"provider"}))
    assert "Paula Provider is still signed in in this browser." in sign_out(client, "public").text
    page = client.get("/en/basket")
    assert who(page) == ["Paula Provider"]
    assert "Nothing in it yet" in page.text


def test_out_of_the_console_leaves_no_basket_for_the_next(client, fakes, session):
    offer = make_offer(session, quantity=100)
    session.commit()
    sign_in(client, fakes, "registry", make_person("Paula Provider", roles={"provider"}))
    put(client, offer, "25")
    sign_out(client, "registry")
    assert "Nothing in it yet" in client.get("/en/basket").text


def test_without_the_provider_one_is_out_here_and_told_so(client, fakes, session):
    sign_in(client, fakes)
    fakes.identity["public"].away = True
    page = sign_out(client)
    assert "could not be told" in page.text
    assert page.link("Sign out at the sign-in service").startswith("https://login.example.org/realms/public/")
    assert "id_token_hint" not in page.response.text
    assert only(session).ended_why == "signed_out"
    assert cookie(client) is None


def test_where_the_providers_session_is_another_one_the_browser_is_sent_there(client, fakes, session, app):
    # Over there, the session that this sign-in came from is over; the browser may be in a newer one.
    ana = sign_in(client, fakes)
    sealer = app.extensions["vcp_works"].token_sealer
    id_token = sealer.open(only(session).id_token_sealed)
    fakes.identity["public"].forget(ana)
    page = client.post("/fr/sign-out", sign_out_button(client.get("/fr/find-order")))
    hop = page.response.headers["Refresh"]
    assert hop.startswith("0; url=https://login.example.org/realms/public/protocol/openid-connect/logout?")
    assert "post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fsigned-out" in hop
    assert id_token in hop
    assert id_token not in page.response.text
    assert page.response.headers["Cache-Control"] == "no-store"
    assert cookie(client) is None
    # The provider sends the browser back, which goes on in the language that was read.
    assert client.get("/signed-out").url == "/fr/signed-out"


def test_everywhere_means_every_browser_and_every_session_there(client, fakes, app, session):
    ana = sign_in(client, fakes)
    second, third = Client(app.test_client()), Client(app.test_client())
    sign_in(second, fakes, person=ana)
    ben = sign_in(third, fakes, person=make_person("Ben Sample"))
    page = sign_out(client, path="/en/sign-out-everywhere")
    assert page.h1 == "You are signed out"
    assert who(second.get("/en/find-order")) == []
    assert cookie(second) is None, "and its cookie goes with the next page"
    assert who(third.get("/en/find-order")) == ["Ben Sample"]
    assert fakes.identity["public"].sessions_of(ana) == []
    assert len(fakes.identity["public"].sessions_of(ben)) == 1
    [person] = [row for row in session.query(Person) if row.name == "Ana Sample"]
    assert {row.ended_why for row in sign_in_rows_of(session, person.id)} == {"everywhere"}


def test_a_basket_does_not_outlive_a_sign_in_that_was_ended_elsewhere(client, fakes, app, session):
    offer = make_offer(session, quantity=100)
    session.commit()
    ana = sign_in(client, fakes)
    put(client, offer, "25")
    second = Client(app.test_client())
    sign_in(second, fakes, person=ana)
    sign_out(second, path="/en/sign-out-everywhere")
    assert "Nothing in it yet" in client.get("/en/basket").text


def test_an_ended_sign_in_does_not_take_the_cookie_of_the_new_one_along(client, fakes, session, app):
    ana = sign_in(client, fakes)
    second = Client(app.test_client())
    sign_in(second, fakes, person=ana)
    sign_out(second, path="/en/sign-out-everywhere")
    # The browser still carries the ended one when it comes back with a new one.
    back = fakes.identity["public"].approve(set_out(client), ana, datetime.now(UTC))
    come_back(client, back)
    assert who(client.get("/en/find-order")) == ["Ana Sample"]


def test_a_late_answer_for_a_replaced_sign_in_leaves_the_new_cookie(client, fakes, session, app):
    sign_in(client, fakes)
    old = cookie(client)
    client.inner.delete_cookie("vcp-public")
    address = set_out(client)
    client.inner.set_cookie("vcp-public", old)
    come_back(client, fakes.identity["public"].approve(address, make_person("Ben"), datetime.now(UTC)))
    # A page that was asked for before, with the old cookie, is answered after.
    late = app.test_client(use_cookies=False)
    answer = late.get("/en/find-order", headers={"Cookie": f"vcp-public={old}"})
    assert "Ana Sample" not in answer.text
    assert not [header for header in answer.headers.getlist("Set-Cookie") if "vcp-public" in header]
