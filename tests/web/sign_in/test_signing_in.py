"""Signing in: out to the provider and back, as a new browser session, with nothing of anybody before."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask_login import current_user
from sqlalchemy import select

from app.domain.audit.models import AuditEvent
from app.domain.people.hashes import token_hash
from app.domain.people.models import Person, Realm, SignInAttempt
from app.factory import create_app
from tests.conftest import lonely_settings
from tests.factories import make_offer
from tests.web.pages import Client
from tests.web.people import come_back, make_person, set_out, sign_in
from tests.web.public.steps import put
from tests.web.sign_in.looking import change, cookie, only, sign_ins, who


def asked(address: str) -> dict[str, str]:
    """What an address asks of the identity provider."""
    return {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}


@pytest.mark.parametrize(
    "realm,path,scope",
    [
        ("public", "/fr/sign-in", "openid profile email"),
        ("public", "/fr/sign-up", "openid profile email"),
        (
            "registry",
            "/fr/console/sign-in",
            "openid profile email activities:read holdings:read mandates:write",
        ),
    ],
)
def test_the_browser_is_sent_to_its_realm_with_everything_that_protects_it(client, realm, path, scope):
    answer = client.inner.get(path)
    query = asked(answer.location)
    assert answer.location.startswith(f"https://login.example.org/realms/{realm}/")
    assert query["scope"] == scope
    assert query["redirect_uri"] == f"http://127.0.0.1:8000/sign-in/{realm}/back"
    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43
    assert query["ui_locales"] == "fr"
    assert query.get("prompt") == ("create" if path.endswith("up") else None)
    assert min(len(query["state"]), len(query["nonce"])) == 43
    assert answer.headers["Cache-Control"] == "no-store"
    again = asked(client.inner.get(path).location)
    assert not {query[name] for name in ("state", "nonce", "code_challenge")} & set(again.values())


def test_a_buyer_comes_back_signed_in_to_the_page_they_wanted(client, fakes, session):
    ana = make_person("Ana Sample", email="ana@example.org")
    address = fakes.identity["public"].approve(
        set_out(client, next="/en/find-order?a=1"), ana, datetime.now(UTC)
    )
    answer = come_back(client, address)
    assert answer.location == "/en/find-order?a=1"
    page = client.get(answer.location)
    assert who(page) == ["Ana Sample"]
    person = session.scalars(select(Person)).one()
    assert (person.issuer, person.subject, person.realm) == (
        fakes.identity["public"].issuer,
        ana.subject,
        Realm.PUBLIC,
    )
    assert (person.email, person.email_verified, person.name) == ("ana@example.org", True, "Ana Sample")
    [event] = session.scalars(select(AuditEvent))
    assert (event.event, event.entity_id) == ("person.signed_in", str(person.id))


def test_signing_in_again_finds_the_same_person_by_subject_and_keeps_what_is_newer(
    client, fakes, session, app
):
    ana = sign_in(client, fakes, person=make_person("Ana Sample", email="old@example.org"))
    ana.email, ana.name = "new@example.org", "Ana Married"
    sign_in(Client(app.test_client()), fakes, person=ana)
    person = session.scalars(select(Person)).one()
    assert (person.email, person.name) == ("new@example.org", "Ana Married")


def test_the_same_address_in_two_realms_is_two_persons(client, fakes, session):
    sign_in(client, fakes, person=make_person(email="paula@provider.example"))
    sign_in(client, fakes, "registry", make_person(email="paula@provider.example", roles={"provider"}))
    people = session.scalars(select(Person)).all()
    assert len({person.id for person in people}) == 2
    assert {person.email for person in people} == {"paula@provider.example"}


def test_whoever_is_signed_in_goes_straight_on(client, fakes, session):
    sign_in(client, fakes)
    for path in ("/en/sign-in", "/en/sign-up"):
        assert client.inner.get(path, query_string={"next": "/en/basket"}).location == "/en/basket"
    assert len(session.scalars(select(SignInAttempt)).all()) == 1


def test_somebody_who_is_disabled_stays_out(client, fakes, session, app):
    ana = sign_in(client, fakes)
    session.execute(select(Person))  # a transaction of its own
    session.rollback()
    person = session.scalars(select(Person)).one()
    person.disabled_at = datetime.now(UTC)
    session.commit()
    assert who(client.get("/en/find-order")) == [], "and whoever is in is out at once"
    other = Client(app.test_client())
    back = fakes.identity["public"].approve(set_out(other), ana, datetime.now(UTC))
    assert "/en/sign-in/not-done" in come_back(other, back).location
    assert cookie(other) is None
    assert only(session).ended_why == "disabled"


# The browser's session.


def test_the_cookie_is_random_new_each_time_and_known_by_its_hash_only(client, fakes, session, app):
    sign_in(client, fakes)
    token = cookie(client)
    assert token
    assert len(token) == 43
    assert only(session).token_hash == token_hash(token)
    other = Client(app.test_client())
    sign_in(other, fakes)
    assert cookie(other) != token


def test_a_token_that_somebody_planted_before_is_not_the_one_that_is_signed_in(client, fakes, session):
    # Session fixation: whoever chose the cookie beforehand would be signed in, too.
    client.inner.set_cookie("vcp-public", "planted-token")
    sign_in(client, fakes)
    assert cookie(client) not in (None, "planted-token")
    assert only(session).token_hash != token_hash("planted-token")


def test_a_session_that_somebody_planted_before_is_not_gone_on_with(client, fakes, app, session):
    # The signed session of another visitor, put into this browser: neither its messages nor its secret live on.
    with client.inner.session_transaction() as planted:
        planted["csrf_token"] = "planted"
        planted["method"] = "paypal"
        planted["anything"] = "else"
    sign_in(client, fakes)
    with client.inner.session_transaction() as kept:
        assert "method" not in kept
        assert "anything" not in kept
        assert kept.get("csrf_token") != "planted"


def test_a_form_token_of_before_is_worth_nothing_after(client, fakes):
    before = client.get("/en/find-order").form("/en/find-order").fields
    sign_in(client, fakes)
    client.post("/en/find-order", before, status=400)
    client.get("/en/find-order").form("/en/find-order").submit(email="nobody", status=422)


def test_the_basket_of_a_guest_comes_along(client, fakes, session):
    offer = make_offer(session, quantity=100)
    session.commit()
    put(client, offer, "25")
    sign_in(client, fakes)
    assert client.get("/en/basket").forms("/en/basket", offer=str(offer.id))


def test_the_basket_of_somebody_else_does_not(client, fakes, session):
    offer = make_offer(session, quantity=100)
    session.commit()
    sign_in(client, fakes)
    put(client, offer, "25")
    back = fakes.identity["public"].approve(_set_out_over(client, fakes, session), make_person("Ben"), _now())
    come_back(client, back)
    page = client.get("/en/basket")
    assert who(page) == ["Ben"]
    assert "Nothing in it yet" in page.text


def _set_out_over(client, fakes, session):
    """An attempt that was begun before somebody else signed in, in another window of the same browser."""
    mine = cookie(client)
    client.inner.delete_cookie("vcp-public")
    address = set_out(client)
    client.inner.set_cookie("vcp-public", mine)
    return address


def _now():
    return datetime.now(UTC)


def test_whoever_signs_in_over_somebody_ends_that_sign_in(client, fakes, session):
    sign_in(client, fakes)
    back = fakes.identity["public"].approve(_set_out_over(client, fakes, session), make_person("Ben"), _now())
    come_back(client, back)
    first, second = sign_ins(session)
    assert (first.ended_why, first.access_sealed, first.refresh_sealed) == ("replaced", None, None)
    assert second.ended_at is None


def test_on_https_the_cookies_are_the_hosts_own(tmp_path, fakes, engine, database_address):
    settings = replace(lonely_settings(database_address, tmp_path), public_url="https://cancel.example.org")
    app = create_app(settings, neighbours=fakes.neighbours, engine=engine)
    client = app.test_client()
    # A test client sends Secure cookies to https only.
    options = {"base_url": "https://cancel.example.org"}
    out = client.get("/en/sign-in", **options)
    address = fakes.identity["public"].approve(out.location, make_person(), _now())
    parts = urlsplit(address)
    answer = client.get(f"{parts.path}?{parts.query}", **options)
    set_cookies = {
        header.partition("=")[0]: header
        for header in out.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
        if "vcp-attempt=;" not in header
    }
    for name in ("__Host-vcp-attempt", "__Host-vcp-public"):
        attributes = set_cookies[name].split("; ")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes), set_cookies[name]
        assert "Domain" not in set_cookies[name]
    [age] = re.findall(r"Max-Age=(\d+)", set_cookies["__Host-vcp-public"])
    assert timedelta(days=29) < timedelta(seconds=int(age)) <= timedelta(days=30)


def test_every_answer_to_somebody_who_is_signed_in_is_stored_nowhere(client, fakes):
    assert client.inner.get("/en/find-order").headers["Cache-Control"] == "private, no-cache"
    sign_in(client, fakes)
    for address in ("/en/find-order", "/en/projects", "/en/certificates", "/nowhere", "/"):
        assert client.inner.get(address).headers["Cache-Control"] == "no-store", address


def test_tokens_are_sealed_and_on_no_page(client, fakes, session, app, caplog):
    caplog.set_level(0)
    sign_in(client, fakes)
    sign_in_row = only(session)
    sealer = app.extensions["vcp_works"].token_sealer
    tokens = [
        sealer.open(sealed)
        for sealed in (sign_in_row.access_sealed, sign_in_row.refresh_sealed, sign_in_row.id_token_sealed)
    ]
    assert [token.partition("-")[0] for token in tokens] == ["access", "refresh", "id"]
    for token in tokens:
        for sealed in (sign_in_row.access_sealed, sign_in_row.refresh_sealed, sign_in_row.id_token_sealed):
            assert token.encode() not in sealed
        assert token not in client.get("/en/find-order").response.text
        assert token not in caplog.text
        assert token not in repr(sign_in_row)


def test_a_guest_costs_no_query(client, engine):
    from sqlalchemy import event

    client.get("/en/find-order")
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    client.get("/en/find-order")
    assert statements == []


def test_an_unknown_token_is_nobody(client, session):
    client.inner.set_cookie("vcp-public", "made-up")
    assert who(client.get("/en/find-order")) == []


def test_a_token_of_one_realm_is_nobody_in_the_other(client, fakes, app):
    sign_in(client, fakes)
    other = Client(app.test_client())
    other.inner.set_cookie("vcp-console", cookie(client))
    assert who(other.get("/en/find-order")) == []


def test_somebody_in_both_realms_at_once_is_shown_as_both(client, fakes, session):
    sign_in(client, fakes, person=make_person("Paula Buyer"))
    sign_in(client, fakes, "registry", make_person("Paula Provider", roles={"provider"}))
    assert who(client.get("/en/find-order")) == ["Paula Provider", "Paula Buyer"]
    assert [row.ended_at for row in sign_ins(session)] == [None, None]


def test_the_name_is_text(client, fakes):
    sign_in(client, fakes, person=make_person('<b>"Bobby"</b> & co'))
    assert who(client.get("/en/find-order")) == ['<b>"Bobby"</b> & co']


# The provider is away.


def test_without_the_provider_the_link_says_what_to_do_and_guests_go_on(client, fakes, session):
    for provider in fakes.identity.values():
        provider.away = True
    page = client.get("/en/sign-in", status=503)
    assert page.h1 == "Signing in does not work at the moment"
    assert page.link("Try again in a minute")
    assert (
        page.link("Buy without an account: everything but your account pages works as usual")
        == "/en/projects"
    )
    assert client.get("/en/console/sign-in", status=503).h1 == page.h1
    offer = make_offer(session, quantity=100)
    session.commit()
    put(client, offer, "25")
    assert client.get("/en/checkout").form("/en/checkout")


def test_without_the_provider_a_buyer_who_is_signed_in_stays_it(client, fakes, session):
    sign_in(client, fakes)
    fakes.identity["public"].away = True
    change(session, access_expires_at=datetime.now(UTC) - timedelta(hours=1))
    assert who(client.get("/en/projects")) == ["Ana Sample"]
    # Nor where a page asks for the current user.
    headers = {"Cookie": f"vcp-public={cookie(client)}"}
    with client.inner.application.test_request_context("/en/projects", headers=headers):
        assert current_user.person.name == "Ana Sample"


def test_a_provider_that_goes_away_on_the_way_back_leaves_nobody_signed_in(client, fakes, session):
    back = fakes.identity["public"].approve(set_out(client, next="/en/basket"), make_person(), _now())
    fakes.identity["public"].away = True
    answer = come_back(client, back)
    assert answer.status_code == 503
    assert 'href="/en/sign-in?next=/en/basket"' in answer.text
    assert sign_ins(session) == []
