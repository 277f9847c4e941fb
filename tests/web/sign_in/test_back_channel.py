"""A sign-out that began at the identity provider: genuine, once, and for those whom it means."""

import pytest
from sqlalchemy import select

from app.domain.people.models import LogoutToken
from tests.factories import make_offer
from tests.web.pages import Client
from tests.web.people import make_person, sign_in
from tests.web.public.steps import put
from tests.web.sign_in.looking import cookie, only, sign_ins, who


def tell(client, token, realm="public"):
    """As the identity provider does it: without a browser's cookies."""
    return client.inner.post(f"/sign-in/{realm}/back-channel-logout", data={"logout_token": token})


@pytest.fixture
def machine(app):
    return Client(app.test_client())


@pytest.fixture
def provider(fakes):
    return fakes.identity["public"]


def test_a_person_who_signs_out_there_is_out_here_in_every_browser(
    client, machine, fakes, provider, app, session
):
    ana = sign_in(client, fakes)
    second = Client(app.test_client())
    sign_in(second, fakes, person=ana)
    third = Client(app.test_client())
    sign_in(third, fakes, person=make_person("Ben Sample"))
    answer = tell(machine, provider.sign_out_there(ana))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    for browser in (client, second):
        assert who(browser.get("/en/find-order")) == []
        assert cookie(browser) is None
    assert who(third.get("/en/find-order")) == ["Ben Sample"]
    ended = [row for row in sign_ins(session) if row.ended_at]
    assert {(row.ended_why, row.access_sealed, row.refresh_sealed) for row in ended} == {
        ("provider", None, None)
    }


def test_a_session_that_ends_there_ends_in_its_browser_only(client, machine, fakes, provider, app, session):
    ana = sign_in(client, fakes)
    second = Client(app.test_client())
    sign_in(second, fakes, person=ana)
    sid = sign_ins(session)[0].sid
    tell(machine, provider.sign_out_there(ana, sid=sid))
    assert who(client.get("/en/find-order")) == []
    assert who(second.get("/en/find-order")) == ["Ana Sample"]


def test_nothing_of_the_person_is_left_in_the_browser(client, machine, fakes, provider, session):
    offer = make_offer(session, quantity=100)
    session.commit()
    ana = sign_in(client, fakes)
    put(client, offer, "25")
    tell(machine, provider.sign_out_there(ana))
    assert "Nothing in it yet" in client.get("/en/basket").text


@pytest.mark.parametrize(
    "why", ["unreadable", "signature", "issuer", "audience", "expired", "nonce", "event"]
)
def test_a_token_that_is_not_genuine_ends_nothing(client, machine, fakes, provider, session, why):
    ana = sign_in(client, fakes)
    answer = tell(machine, provider.sign_out_there(ana, forged=why))
    assert (answer.status_code, answer.get_json()) == (400, {"error": "invalid_request"})
    assert only(session).ended_at is None


@pytest.mark.parametrize("data", [{}, {"logout_token": ""}, {"logout_token": "x" * 70_000}])
def test_nonsense_is_refused(machine, data):
    assert machine.inner.post("/sign-in/public/back-channel-logout", data=data).status_code == 400


def test_told_again_it_ends_nothing_that_has_begun_since(client, machine, fakes, provider, session):
    ana = sign_in(client, fakes)
    token = provider.sign_out_there(ana)
    assert tell(machine, token).status_code == 200
    sign_in(client, fakes, person=ana)
    assert tell(machine, token).status_code == 200
    assert who(client.get("/en/find-order")) == ["Ana Sample"]
    assert len(session.scalars(select(LogoutToken)).all()) == 1


def test_a_token_of_one_realm_is_nothing_in_the_other(client, machine, fakes, provider, session):
    ana = sign_in(client, fakes)
    assert tell(machine, provider.sign_out_there(ana), realm="registry").status_code == 400
    assert only(session).ended_at is None


def test_the_same_subject_at_another_issuer_is_somebody_else(client, machine, fakes, session):
    ana = sign_in(client, fakes)
    twin = make_person("Ana Twin", subject=ana.subject, roles={"provider"})
    sign_in(client, fakes, "registry", twin)
    tell(machine, fakes.identity["registry"].sign_out_there(twin), realm="registry")
    assert who(client.get("/en/find-order")) == ["Ana Sample"]


def test_a_realm_that_there_is_not_has_no_address(machine):
    assert tell(machine, "x", realm="elsewhere").status_code == 404
