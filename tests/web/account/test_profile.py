"""Profile, saved names and sign-ins."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.domain.people import save_beneficiary as saving
from app.domain.people.account_models import SavedBeneficiary
from app.domain.people.models import EndedWhy, SignIn
from app.integrations.errors import TryAgain
from tests.web.pages import Client, words
from tests.web.people import sign_in

PROFILE = "/en/account/profile"
NAMES = "/en/account/saved-names"


def test_a_profile_is_filled_in_and_kept(ana):
    form = ana.get("/profile").form(PROFILE)
    assert form.fields["name"] == ["Ana Sample"]
    assert form.fields["language"] == ["en"]
    page = form.submit(name="  Ana   Ñandú ", kind="organisation", country="FR", language="es")
    assert "Your profile is saved." in page.text
    person = ana.person()
    assert (person.name, person.kind, person.country, person.language) == (
        "Ana Ñandú",
        "organisation",
        "FR",
        "es",
    )
    assert page.form(PROFILE).fields["kind"] == ["organisation"]
    assert "Tell us how we may call you" not in ana.get("").text
    page.form(PROFILE).submit(kind="", country="")
    assert (ana.person().kind, ana.person().country) == (None, None)


def test_a_refused_profile_comes_back_filled_in(ana):
    page = ana.get("/profile").form(PROFILE).submit(name=" ", country="FR", status=422)
    assert page.errors == {"name": "Enter the name by which we may call you."}
    assert page.form(PROFILE).fields["country"] == ["FR"]
    page = ana.post("/profile", status=422, name="n" * 201, kind="x", language="tlh", country="XX")
    assert set(page.errors) == {"name", "kind", "language", "country"}
    assert ana.person().profile_at is None


# Saved names.


def test_a_name_is_saved_and_forgotten(ana):
    page = ana.get("/saved-names").form(NAMES)
    page = page.submit(kind="individual", name="  株式会社  <b>Zoë</b> ", country="JP")
    assert "The name is saved." in page.text
    [row] = page.all("main tbody tr")
    assert words(row.th).startswith("株式会社 <b>Zoë</b>")
    [form] = [each for each in page.forms() if each.action.endswith("/forget")]
    page = form.submit()
    assert "The name is forgotten." in page.text
    assert page.all("main tbody tr") == []


def test_an_organisations_name_is_for_all_its_buyers(ana, otto):
    bakery = ana.organisation(buyer=otto)
    ana.get("/saved-names").form(NAMES).submit(
        kind="organisation", name="Sample Bakery", country="FR", owner=str(bakery.id)
    )
    assert "Sample Bakery" in words(otto.get("/saved-names").one("main tbody"))


@pytest.mark.parametrize(
    "typed,wrong",
    [
        ({"name": ""}, "Enter the name that certificates should show."),
        ({"name": "n" * 201}, "This name has 201 characters. The registry takes 200 at most."),
    ],
    ids=["nothing", "long"],
)
def test_a_name_that_no_certificate_could_show_is_refused(ana, typed, wrong):
    fields = {"kind": "organisation", "country": "FR", **typed}
    page = ana.get("/saved-names").form(NAMES).submit(status=422, **fields)
    assert page.error("name").startswith(wrong)
    assert page.form(NAMES).fields["country"] == ["FR"]


def test_a_full_list_says_so(ana, monkeypatch):
    monkeypatch.setattr(saving, "MOST", 0)
    page = ana.get("/saved-names").form(NAMES).submit(kind="organisation", name="X", country="FR")
    assert "The list is full." in page.text


# Sign-ins.


def test_one_browser_is_signed_out_from_another(app, fakes, session, monkeypatch):
    desk, phone = app.test_client(), app.test_client()
    person = sign_in(desk, fakes)
    sign_in(phone, fakes, person=person)
    rows = {each.id: each for each in session.scalars(select(SignIn))}
    assert len(rows) == 2
    page = Client(desk).get("/en/account/sign-ins")
    assert len(page.all("main tbody tr")) == 2
    [here] = [row for row in page.all("main tbody tr") if "This browser" in words(row)]
    other = next(
        form for form in page.forms() if form.action.endswith("/end") and form.tag not in here.select("form")
    )
    ended_there: list[str] = []
    monkeypatch.setattr(fakes.identity["public"], "end_session", ended_there.append)
    page = other.submit()
    assert "That browser is signed out." in page.text
    assert phone.get("/en/account/sign-ins").status_code == 303
    session.expire_all()
    ended = [each for each in session.scalars(select(SignIn)) if each.ended_at]
    assert [(each.ended_why, each.refresh_sealed) for each in ended] == [(EndedWhy.SIGNED_OUT, None)]
    assert len(ended_there) == 1


def test_signing_out_here_says_goodbye(ana):
    page = ana.get("/sign-ins")
    [form] = [each for each in page.forms() if each.action.endswith("/end")]
    assert form.submit().url == "/en/signed-out"
    ana.get("", follow=False, status=303)


def test_signing_out_works_while_the_identity_provider_is_away(ana, fakes, monkeypatch):
    def away(_token: str) -> None:
        raise TryAgain("timeout")

    monkeypatch.setattr(fakes.identity["public"], "end_session", away)
    [form] = [each for each in ana.get("/sign-ins").forms() if each.action.endswith("/end")]
    form.submit()
    ana.session.expire_all()
    assert ana.session.get_one(SignIn, ana.sign_in_id).ended_at is not None


def test_what_others_saved_and_where_they_are_signed_in_is_not_there(ana, otto, session):
    otto.get("/saved-names").form(NAMES).submit(kind="organisation", name="Otto's", country="FR")
    saved = session.scalars(select(SavedBeneficiary)).one()
    ana.post(f"/saved-names/{saved.id}/forget", status=404)
    ana.post(f"/sign-ins/{otto.sign_in_id}/end", status=404)
    club = otto.organisation("Club")
    ana.post("/saved-names", status=404, kind="organisation", name="X", country="FR", owner=str(club.id))
    session.expire_all()
    assert session.scalars(select(SavedBeneficiary.name)).all() == ["Otto's"]
    assert session.get_one(SignIn, otto.sign_in_id).ended_at is None
    assert datetime.now(UTC) > session.get_one(SignIn, otto.sign_in_id).began_at
