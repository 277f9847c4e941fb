"""The export as a file, and the erasure with everything that has to be read and typed before it."""

import json

from sqlalchemy import select

from app.domain.audit.models import AuditEvent
from app.domain.people.models import Person, SignIn
from tests.web.pages import Client, words
from tests.web.people import make_person, sign_in

ERASE = "/en/account/erase"


def tokens(app, session) -> list[str]:
    """The refresh tokens of everybody who is signed in."""
    opens = app.extensions["vcp_works"].token_sealer.open
    return [opens(each.refresh_sealed) for each in session.scalars(select(SignIn))]


def test_the_data_comes_as_a_file(ana, otto, journey):
    order = ana.owns(journey.place(3))
    otto.owns(journey.place(4))
    answer = ana.get("/privacy").form("/en/account/export").submit().response
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    found = json.loads(answer.data)
    assert found["person"]["email"] == ana.email
    assert [each["number"] for each in found["orders"]] == [order.number]
    assert ana.session.scalars(select(AuditEvent.event)).all()[-1] == "person.exported"


def test_nothing_is_erased_without_the_word(ana):
    page = ana.get("/erase")
    assert "What stays, without you" in page.text
    for typed in ("", "delete", "erase me"):
        page = page.form(ERASE).submit(word=typed, status=422)
        assert page.errors == {"word": "Type the word exactly as it stands above the field."}
    assert ana.person().erased_at is None


def test_who_is_erased_is_gone_here_and_everywhere(app, fakes, session, monkeypatch):
    desk, phone = Client(app.test_client()), Client(app.test_client())
    person = sign_in(desk, fakes, person=make_person("Ana Sample"))
    sign_in(phone, fakes, person=person)
    row = session.scalars(select(Person)).one()
    refresh, ended = tokens(app, session), []
    monkeypatch.setattr(fakes.identity["public"], "end_session", ended.append)
    page = desk.get("/en/account/erase").form(ERASE).submit(word=" Erase ")
    assert page.url == "/en/account/erased"
    assert "Your sign-in itself" in page.text
    assert page.link("Delete my sign-in").endswith("/realms/public/account")
    for browser in (desk, phone):
        assert browser.get("/en/account", follow=False, status=303).location.startswith("/en/sign-in")
        assert "Ana Sample" not in browser.get("/en/projects").text
    session.expire_all()
    assert session.get_one(Person, row.id).name == ""
    assert session.scalars(select(SignIn)).all() == []
    assert sorted(ended) == sorted(refresh), "signed out over there, too"
    # The same human may begin anew, and is somebody else.
    sign_in(desk, fakes, person=person)
    assert "No orders yet" in desk.get("/en/account").text
    assert len(session.scalars(select(Person)).all()) == 2


def test_what_stands_in_the_way_is_named(ana, otto, journey):
    order = ana.owns(journey.place(3))
    bakery = ana.organisation(viewer=otto)
    page = ana.get("/erase")
    assert page.forms(ERASE) == []
    shown = words(page.one("main .notice"))
    assert order.number in shown
    assert "Sample Bakery" in shown
    assert page.link("Sample Bakery") == f"/en/account/organisations/{bakery.id}"
    page = ana.post("/erase", status=409, word="erase")
    assert "Something has to be settled first. Nothing was erased." in page.text
    assert ana.person().erased_at is None


def test_the_word_is_the_readers(ana):
    """Whoever reads French types a French word; the English one is not asked for."""
    page = ana.client.get("/fr/account/erase")
    assert page.one("label[for=word]")
    form = page.form("/fr/account/erase")
    form.submit(word="no such word", status=422)


def test_the_order_page_goes_on_without_its_buyer(ana, journey):
    order = ana.owns(journey.place(3))
    certificate = journey.complete(order)
    ana.get("/erase").form(ERASE).submit(word="erase")
    page = ana.client.get(f"/en/orders/{order.token}")
    assert certificate.number in page.text
    assert "Sent to an address that was erased" in page.text
    assert "buyer@example.org" not in page.response.text
    ana.client.get(f"/en/certificates/{certificate.code}")
