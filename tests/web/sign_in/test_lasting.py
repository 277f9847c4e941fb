"""How long a sign-in lasts, and that its roles and tokens are as new as they have to be."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from app.domain.people.models import EndedWhy
from app.integrations.errors import Refused
from app.sealing import Purpose, Sealer
from app.web.support.signed_in import ProviderAway, SignInAgain, provider_token, signed_in
from tests.factories import make_provider
from tests.web.people import administrator, make_person, sign_in
from tests.web.sign_in.looking import age, change, cookie, only, who

JUST = timedelta(minutes=1)
LIFETIMES = [
    ("public", (), "last_used_at", timedelta(days=30), EndedWhy.IDLE),
    ("public", (), "ends_at", timedelta(days=30), EndedWhy.EXPIRED),
    ("registry", ("provider",), "last_used_at", timedelta(hours=8), EndedWhy.IDLE),
    ("registry", ("provider",), "ends_at", timedelta(hours=12), EndedWhy.EXPIRED),
    ("registry", ("registry-administrator",), "last_used_at", timedelta(minutes=30), EndedWhy.IDLE),
    ("registry", ("registry-administrator",), "ends_at", timedelta(hours=12), EndedWhy.EXPIRED),
    (
        "registry",
        ("provider", "registry-administrator"),
        "last_used_at",
        timedelta(minutes=30),
        EndedWhy.IDLE,
    ),
]


def now():
    return datetime.now(UTC)


@pytest.fixture
def realm(fakes):
    return fakes.identity["registry"]


@pytest.fixture
def provider(session):
    """The provider that `pat` represents."""
    made = make_provider(session)
    session.commit()
    return made


@pytest.fixture
def pat(client, fakes, provider):
    """Signed in at the console for that provider."""
    account = provider.registry_accounts[0].account_id
    return sign_in(
        client, fakes, "registry", make_person("Pat Sample", roles={"provider"}, accounts=(account,))
    )


@pytest.mark.parametrize(
    "realm_name,roles,column,limit,why",
    LIFETIMES,
    ids=[f"{realm}-{'-'.join(roles)}-{column}" for realm, roles, column, *_ in LIFETIMES],
)
def test_a_sign_in_ends_when_its_time_is_over(client, fakes, session, realm_name, roles, column, limit, why):
    sign_in(client, fakes, realm_name, make_person(roles=roles))
    age(session, limit - JUST, column)
    assert who(client.get("/en/find-order")) == ["Ana Sample"], "not a minute too early"
    if column == "last_used_at":
        change(session, last_used_at=now() - limit)
    else:
        age(session, JUST, column)
    page = client.get("/en/find-order")
    assert who(page) == []
    assert cookie(client, realm_name) is None
    row = only(session)
    assert (row.ended_why, row.access_sealed, row.refresh_sealed) == (why, None, None)


def test_when_it_was_last_used_is_written_once_a_minute(client, fakes, session):
    sign_in(client, fakes)
    first = only(session).last_used_at
    client.get("/en/find-order")
    assert only(session).last_used_at == first
    age(session, timedelta(seconds=70), "last_used_at")
    client.get("/en/find-order")
    assert only(session).last_used_at >= first


def test_somebody_who_is_signed_in_costs_one_query(client, fakes, engine):
    sign_in(client, fakes)
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    client.get("/en/find-order")
    # What administrators set is read by each process every few seconds, whoever comes.
    own = [statement for statement in statements if "FROM setting_version" not in statement]
    assert len(own) == 1, statements


# The console: roles as they are now.


def test_roles_and_accounts_are_read_again_when_the_access_token_has_expired(
    client, fakes, session, realm, pat
):
    assert client.get("/en/console")
    assert realm.refreshed == 0, "within its lifetime nobody is asked"
    pat.roles, pat.accounts = frozenset(), ()
    client.get("/en/console")
    assert realm.refreshed == 0
    change(session, access_expires_at=now() - timedelta(seconds=1))
    client.get("/en/console", status=403)
    assert realm.refreshed == 1
    row = only(session)
    assert (row.roles, row.accounts) == ([], [])
    assert row.access_expires_at > now() + timedelta(minutes=4)


def test_a_role_that_was_given_counts_as_soon(client, fakes, session, realm):
    vera = sign_in(client, fakes, "registry", make_person("Vera Sample"))
    client.get("/en/console/admin/people", status=403)
    vera.roles = frozenset({"registry-administrator"})
    change(session, access_expires_at=now() - timedelta(seconds=1))
    # A second factor is still due.
    asked = client.get("/en/console/admin/people", status=303, follow=False)
    assert asked.location == "/en/console/elevate?next=/en/console/admin/people"


def test_a_refresh_proves_nothing_anew(client, fakes, session, pat):
    before = only(session)
    change(
        session,
        access_expires_at=now() - timedelta(seconds=1),
        auth_time=before.auth_time - timedelta(hours=1),
    )
    client.get("/en/console")
    after = only(session)
    assert after.auth_time == before.auth_time - timedelta(hours=1)
    assert (after.acr, after.ends_at, after.token_hash) == (before.acr, before.ends_at, before.token_hash)


def test_parallel_requests_refresh_once(client, fakes, session, app, realm, pat, monkeypatch):
    refresh = realm.refresh

    def slowly(*given):
        time.sleep(0.7)  # so long that all the others have come
        return refresh(*given)

    monkeypatch.setattr(realm, "refresh", slowly)
    change(session, access_expires_at=now() - timedelta(seconds=1))
    token = cookie(client, "registry")

    def look(_: int) -> int:
        browser = app.test_client(use_cookies=False)
        return browser.get("/en/console", headers={"Cookie": f"vcp-console={token}"}).status_code

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(look, range(6))) == [200] * 6
    assert realm.refreshed == 1
    assert only(session).ended_at is None


def test_where_there_is_no_refresh_the_person_signs_in_and_comes_back(client, fakes, session, realm, pat):
    realm.forget(pat)
    change(session, access_expires_at=now() - timedelta(seconds=1))
    answer = client.inner.get("/en/console/orders?page=2")
    assert answer.status_code == 303
    assert answer.location == "/en/console/sign-in?next=/en/console/orders?page%3D2"
    row = only(session)
    assert (row.ended_why, row.access_sealed, row.refresh_sealed) == ("refused", None, None)
    assert cookie(client, "registry") is None
    sign_in(client, fakes, "registry", pat)
    assert who(client.get("/en/console")) == ["Pat Sample"]


def test_tokens_of_somebody_else_end_it(client, fakes, session, realm, pat):
    for held in realm._sessions.values():
        held.person = make_person("Mallory", roles={"registry-administrator"})
    change(session, access_expires_at=now() - timedelta(seconds=1))
    assert client.inner.get("/en/console").status_code == 303
    assert only(session).ended_why == "refused"


def test_without_the_provider_the_console_says_so_and_nobody_is_signed_out(
    client, fakes, session, realm, pat
):
    change(session, access_expires_at=now() - timedelta(seconds=1))
    realm.away = True
    page = client.get("/en/console", status=503)
    assert page.h1 == "Signing in does not work at the moment"
    assert page.link("Try again in a minute") == "/en/console"
    assert only(session).ended_at is None
    assert who(client.get("/en/find-order")) == ["Pat Sample"], "pages for everybody ask nobody"
    realm.away = False
    assert client.get("/en/console")


def test_another_secret_key_ends_it(client, fakes, session, pat):
    foreign = Sealer("another secret key, as long as any other", Purpose.SIGN_INS)
    change(
        session,
        access_expires_at=now() - timedelta(seconds=1),
        refresh_sealed=foreign.seal("refresh-of-before"),
    )
    assert client.inner.get("/en/console").status_code == 303
    assert only(session).ended_why == "refused"


def test_a_form_of_somebody_who_has_been_signed_out_is_not_done_and_they_come_back(
    client, fakes, session, realm, pat
):
    fields = {
        str(tag["name"]): str(tag["value"])
        for tag in client.get("/en/console").soup.select(".nav form input")
    }
    realm.forget(pat)
    change(session, access_expires_at=now() - timedelta(seconds=1))
    headers = {"Referer": "http://127.0.0.1:8000/en/console/holdings"}
    # htmx cannot show another page in place of a fragment: it is told where to go.
    answer = client.inner.get("/en/console", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/en/console/sign-in?next=/en/console"
    assert answer.data == b""
    with client.inner.session_transaction() as kept:
        assert not kept, "what was known of the browser went with the sign-in"
    page = client.get("/en/find-order")
    token = page.form("/en/find-order").fields["csrf_token"][0]
    page = client.post("/en/console/offers/new", {**fields, "csrf_token": token}, status=401, headers=headers)
    assert page.h1 == "Please sign in again"
    expected = "/en/console/sign-in?next=/en/console/holdings"
    assert page.response.headers["Refresh"] == f"0; url={expected}"
    assert page.link("Sign in") == expected


# The person's own token.


def asking(app, client):
    """A request of this browser."""
    return app.test_request_context(
        "/en/console", headers={"Cookie": f"vcp-console={cookie(client, 'registry')}"}
    )


def test_the_token_is_the_persons_own_and_fresh(client, fakes, session, app, realm, pat):
    with asking(app, client):
        first = provider_token(signed_in("registry"))
    assert first.startswith("access-")
    with asking(app, client):
        assert provider_token(signed_in("registry")) == first
    change(session, access_expires_at=now() + timedelta(seconds=29))
    with asking(app, client):
        second = provider_token(signed_in("registry"))
    assert second != first
    assert realm.refreshed == 1


def test_without_a_refresh_there_is_no_token(client, fakes, session, app, realm, pat):
    realm.forget(pat)
    change(session, access_expires_at=now())
    with asking(app, client), pytest.raises(SignInAgain):
        provider_token(signed_in("registry"))
    with asking(app, client):
        assert signed_in("registry") is None


def test_without_the_provider_there_is_none_for_now(client, fakes, session, app, realm, pat):
    realm.away = True
    change(session, access_expires_at=now())
    with asking(app, client), pytest.raises(ProviderAway):
        provider_token(signed_in("registry"))
    assert only(session).ended_at is None


def test_a_token_that_is_out_of_use_is_never_given(client, fakes, session, app, pat):
    with asking(app, client):
        visitor = signed_in("registry")
        change(session, ended_at=now(), ended_why="signed_out", access_expires_at=now())
        object.__setattr__(visitor.sign_in, "access_expires_at", now())
        with pytest.raises(SignInAgain):
            provider_token(visitor)


def test_signing_out_drops_the_tokens(client, fakes, session, pat):
    from tests.web.sign_in.looking import sign_out

    sign_out(client, "registry")
    row = only(session)
    assert (row.access_sealed, row.refresh_sealed, row.id_token_sealed) == (None, None, None)


# Elevation.


@pytest.fixture
def vera(client, fakes):
    return sign_in(client, fakes, "registry", administrator(), acr="2")


def elevate(client, realm, person, *, acr="2", at=None, path="/en/console/elevate?next=/en/find-order"):
    """Go through the elevation, and say where the browser was sent then."""
    from tests.web.people import come_back

    out = client.inner.get(path)
    return come_back(client, realm.approve(out.location, person, at or now(), acr=acr)).location


def test_elevation_asks_for_a_fresh_sign_in_with_a_second_factor(client, realm, vera):
    location = client.inner.get("/en/console/elevate").location
    for wanted in ("acr_values=2", "max_age=0", "prompt=login"):
        assert wanted in location


def test_elevation_raises_the_same_sign_in_under_a_new_cookie(client, fakes, session, realm, vera):
    change(session, auth_time=now() - timedelta(hours=1), acr="1")
    before, token = only(session), cookie(client, "registry")
    assert elevate(client, realm, vera) == "/en/find-order"
    after = only(session)
    assert after.id == before.id
    assert (after.acr, after.auth_time > now() - timedelta(seconds=30)) == ("2", True)
    assert after.token_hash != before.token_hash
    assert after.ends_at == before.ends_at, "it does not last longer for that"
    assert cookie(client, "registry") != token
    assert who(client.get("/en/find-order")) == ["Vera Sample"]
    client.inner.set_cookie("vcp-console", token)
    assert who(client.get("/en/find-order")) == []


@pytest.mark.parametrize("why", ["one factor", "long ago", "somebody else", "no factor"])
def test_an_elevation_that_proves_too_little_raises_nothing(client, fakes, session, realm, vera, why):
    change(session, auth_time=now() - timedelta(hours=1), acr="1")
    before = only(session)
    asked = {
        "one factor": {"acr": "1"},
        "no factor": {"acr": "0"},
        "long ago": {"at": now() - timedelta(seconds=70)},
        "somebody else": {},
    }[why]
    person = administrator("Amin Sample") if why == "somebody else" else vera
    assert elevate(client, realm, person, **asked).startswith("/en/sign-in/not-done")
    after = only(session)
    assert (after.acr, after.auth_time, after.token_hash) == (before.acr, before.auth_time, before.token_hash)


def test_an_elevation_raises_nobody_who_has_been_signed_out_meanwhile(client, fakes, session, realm, vera):
    from tests.web.people import come_back

    out = client.inner.get("/en/console/elevate")
    change(session, ended_at=now(), ended_why="everywhere")
    back = come_back(client, realm.approve(out.location, vera, now(), acr="2"))
    assert back.location.startswith("/en/sign-in/not-done")


def test_whoever_is_not_signed_in_signs_in_first(client):
    answer = client.inner.get("/en/console/elevate?next=/en/console/admin/people")
    assert answer.location == ("/en/console/sign-in?next=/en/console/elevate?next%3D/en/console/admin/people")


def test_the_refusals_of_the_fake_are_those_of_the_interface(realm):
    with pytest.raises(Refused, match="session_ended"):
        realm.refresh("made-up", now())


def test_who_has_no_second_factor_is_told_where_to_get_one(client, fakes, session, realm, vera):
    location = elevate(client, realm, vera, acr="1")
    assert "lacks=second-factor" in location
    page = client.get(location, status=400)
    assert page.h1 == "A second factor is needed"
    assert "You are still signed in." in page.text
    assert page.link("Set one up where you sign in").endswith("/realms/registry/account")
    assert page.link("Then try again") == "/en/find-order"
