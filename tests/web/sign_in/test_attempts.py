"""What comes back must be what set out: this browser, this realm, once, soon, from this issuer, genuine."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.domain.people.models import SignInAttempt
from tests.web.pages import Client
from tests.web.people import come_back, make_person, set_out
from tests.web.sign_in.looking import cookie, sign_ins, who


def now():
    return datetime.now(UTC)


def refused(client, answer) -> None:
    """The browser was sent to the page that says so, and nobody is signed in."""
    assert answer.status_code == 303
    assert answer.location.startswith("/en/sign-in/not-done"), answer.location
    assert "code=" not in answer.location
    page = client.get(answer.location, status=400)
    assert page.h1 == "You are not signed in"
    assert who(page) == []
    assert cookie(client) is None


@pytest.fixture
def provider(fakes):
    return fakes.identity["public"]


def test_an_answer_works_once(client, provider, app):
    # Login replay: the address is in the browser's history.
    back = provider.approve(set_out(client), make_person(), now())
    assert come_back(client, back).status_code == 303
    client.inner.delete_cookie("vcp-public")
    refused(client, come_back(client, back))


def test_whoever_goes_back_in_the_history_stays_who_they_are(client, provider, session):
    back = provider.approve(set_out(client, next="/en/basket"), make_person(), now())
    come_back(client, back)
    token = cookie(client)
    assert come_back(client, back).location == "/en/projects"
    assert cookie(client) == token
    assert len(sign_ins(session)) == 1


def test_an_answer_works_once_even_if_the_provider_would_take_its_code_again(client, provider, app, session):
    back = provider.approve(set_out(client), make_person(), now())
    come_back(client, back)
    for code in provider._codes.values():
        code.used = False
    client.inner.delete_cookie("vcp-public")
    refused(client, come_back(client, back))
    assert len(sign_ins(session)) == 1


def test_a_code_that_was_used_before_is_not_taken(client, provider, app, session):
    # Code replay: a code that leaked, brought back with a state that is genuine.
    other = Client(app.test_client())
    victim = provider.approve(set_out(client), make_person(), now())
    come_back(client, victim)
    code = victim.partition("code=")[2].partition("&")[0]
    mine = provider.approve(set_out(other), make_person("Mallory"), now())
    mine = mine.replace(mine.partition("code=")[2].partition("&")[0], code)
    refused(other, come_back(other, mine))


def test_a_code_of_another_browser_fails_at_its_verifier(client, provider, app, session):
    # The code was not used yet, but it was asked for with another challenge.
    other = Client(app.test_client())
    theirs = provider.approve(set_out(client), make_person(), now())
    mine = provider.approve(set_out(other), make_person("Mallory"), now())
    code = theirs.partition("code=")[2].partition("&")[0]
    mine = mine.replace(mine.partition("code=")[2].partition("&")[0], code)
    refused(other, come_back(other, mine))


def test_an_answer_for_one_browser_signs_nobody_in_at_another(client, provider, app, session):
    # State swap: a stranger's answer, so that the victim acts in the stranger's name.
    mallory = Client(app.test_client())
    back = provider.approve(set_out(mallory), make_person("Mallory"), now())
    refused(client, come_back(client, back))
    set_out(client)  # nor with an attempt's cookie of its own
    refused(client, come_back(client, back))
    assert sign_ins(session) == []


@pytest.mark.parametrize("state", ["", "made-up", "é", "x" * 4000])
def test_a_state_that_nobody_set_out_with_is_refused(client, provider, state):
    back = provider.approve(set_out(client), make_person(), now())
    given = back.partition("state=")[2].partition("&")[0]
    refused(client, come_back(client, back.replace(given, state)))


def test_an_answer_that_comes_late_is_refused(client, provider, session):
    back = provider.approve(set_out(client), make_person(), now())
    session.execute(update(SignInAttempt).values(created_at=SignInAttempt.created_at - timedelta(minutes=10)))
    session.commit()
    refused(client, come_back(client, back))


def test_an_answer_just_in_time_is_taken(client, provider, session):
    back = provider.approve(set_out(client), make_person(), now())
    session.execute(
        update(SignInAttempt).values(created_at=SignInAttempt.created_at - timedelta(minutes=9, seconds=50))
    )
    session.commit()
    come_back(client, back)
    assert cookie(client)


def test_an_answer_of_another_issuer_is_refused(client, provider, fakes, session):
    # Mixed-up issuers (RFC 9207): the answer says itself who gave it.
    back = provider.approve(set_out(client), make_person(), now())
    elsewhere = back.replace("login.example.org%2Frealms%2Fpublic", "evil.example%2Frealms%2Fpublic")
    assert elsewhere != back
    refused(client, come_back(client, elsewhere))
    assert session.scalars(select(SignInAttempt)).one().used_at is None


def test_an_answer_of_the_other_realm_is_refused(client, fakes, session):
    # The address says the one realm, the state was made for the other.
    back = fakes.identity["public"].approve(set_out(client), make_person(), now())
    mixed = back.replace("/sign-in/public/back", "/sign-in/registry/back")
    refused(client, come_back(client, mixed))
    # As a provider would send it that does not name itself.
    refused(client, come_back(client, mixed.partition("&iss=")[0]))
    assert sign_ins(session) == []
    assert cookie(client, "registry") is None


@pytest.mark.parametrize(
    "why", ["nonce", "signature", "algorithm", "issuer", "audience", "expired", "not_yet"]
)
def test_an_id_token_that_is_not_genuine_signs_nobody_in(client, provider, session, why):
    back = provider.approve(set_out(client), make_person(), now())
    provider.forged = why
    refused(client, come_back(client, back))
    assert sign_ins(session) == []


def test_whoever_gives_it_up_comes_to_a_page_that_says_how_to_go_on(client, provider, session):
    address = set_out(client, next="/en/basket")
    state = address.partition("state=")[2].partition("&")[0]
    answer = client.inner.get(f"/sign-in/public/back?error=access_denied&state={state}")
    page = client.get(answer.location)
    assert page.h1 == "You are not signed in"
    assert page.link("Sign in") == "/en/sign-in?next=/en/basket"
    assert sign_ins(session) == []


def test_two_windows_of_one_browser_may_be_on_their_way_at_once(client, provider, session):
    first, second = set_out(client, next="/en/basket"), set_out(client, next="/en/find-order")
    ana = make_person()
    assert come_back(client, provider.approve(second, ana, now())).location == "/en/find-order"
    assert come_back(client, provider.approve(first, ana, now())).location == "/en/basket"
    assert [row.ended_why for row in sign_ins(session)] == ["replaced", None]


def test_the_page_after_a_sign_in_is_one_of_ours_even_if_the_database_says_otherwise(
    client, provider, session
):
    back = provider.approve(set_out(client), make_person(), now())
    session.execute(update(SignInAttempt).values(next="//evil.example"))
    session.commit()
    assert come_back(client, back).location == "/en/projects"


def test_neither_state_nor_verifier_nor_browser_stand_in_the_database(client, provider, session):
    address = set_out(client)
    state = address.partition("state=")[2].partition("&")[0]
    attempt = session.scalars(select(SignInAttempt)).one()
    browser = client.inner.get_cookie("vcp-attempt").value
    stored = repr([getattr(attempt, column.key) for column in SignInAttempt.__table__.columns])
    assert state not in stored
    assert browser not in stored
    assert attempt.code_verifier_sealed.startswith(b"gAAAA")
