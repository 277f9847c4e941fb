"""Ending a session: by the client's page, by its refresh token, at the provider; and who is told."""

from urllib.parse import parse_qs

import httpx
import pytest
from joserfc import jws

from tests.sandbox.identity.relying import ANA, OTTO, PAULA, Relying, back, heading
from tests.sandbox.paypal.listener import SECONDS

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def told(relying, control, listener):
    """A browser, signed in at a client whose back-channel address is the listener's."""

    def make(name: str = "vcp-told", realm: str = "public") -> Relying:
        control.post(
            "clients",
            json={
                "realm": realm,
                "client_id": name,
                "client_secret": "s",
                "platform_url": "http://127.0.0.1:9",
                "backchannel_logout_uri": listener.url,
            },
        )
        return relying(realm, client=(name, "s"))

    return make


def logout_token(listener) -> str:
    request = listener.take()
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    [token] = parse_qs(request.content.decode())["logout_token"]
    return token


def leave(browser: Relying, **query: str) -> httpx.Response:
    return browser.http.get(f"{browser.endpoints}/logout", params=query)


def test_with_an_id_token_the_session_ends_at_once(relying):
    browser = relying()
    tokens = browser.sign_in(ANA)
    answer = leave(
        browser,
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri=browser.signed_out,
        state="a b",
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{browser.signed_out}?state=a+b")
    assert heading(browser.ask()) == "Sign in"
    assert not list(browser.http.cookies.jar)
    assert browser.refresh(tokens["refresh_token"]).json()["error_description"] == "Session not active"
    assert browser.userinfo(tokens["access_token"]).status_code == 401


def test_it_ends_the_session_of_the_token_wherever_it_comes_from(relying):
    here, elsewhere = relying(), relying()
    tokens = here.sign_in(ANA)
    elsewhere.sign_in(OTTO)
    assert heading(leave(elsewhere, id_token_hint=tokens["id_token"])) == "You are signed out"
    assert heading(here.ask()) == "Sign in"


def test_an_expired_id_token_still_signs_out(relying, forward):
    browser = relying()
    tokens = browser.sign_in(ANA)
    forward(3600)
    leave(browser, id_token_hint=tokens["id_token"])
    assert browser.refresh(tokens["refresh_token"]).status_code == 400


def test_without_an_id_token_the_person_is_asked(relying):
    browser = relying()
    browser.sign_in(ANA)
    page = leave(browser)
    assert heading(page) == "Do you want to sign out?"
    assert "code" in back(browser.ask())
    assert heading(browser.send("form", page)) == "You are signed out"
    assert heading(browser.ask()) == "Sign in"


@pytest.mark.parametrize("address", ["https://evil.example/", "http://127.0.0.1:9/signed-out/x"])
def test_nobody_is_sent_to_an_unknown_address(relying, address):
    browser = relying()
    tokens = browser.sign_in(ANA)
    answer = leave(browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=address)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    assert leave(browser, post_logout_redirect_uri=browser.signed_out).status_code == 400


def test_a_forged_id_token_signs_nobody_out(relying, control):
    browser = relying()
    tokens = browser.sign_in(ANA)
    claims = browser.claims(tokens["id_token"])
    for signature in ("foreign", "other_realm", "none", "hmac"):
        wanted = {"realm": "public", "claims": claims, "signature": signature}
        forged = control.post("tokens", json=wanted).json()["access_token"]
        assert leave(browser, id_token_hint=forged).status_code == 400
    assert browser.refresh(tokens["refresh_token"]).status_code == 200


def test_a_client_signs_out_with_its_refresh_token(relying):
    browser = relying()
    tokens = browser.sign_in(ANA)
    assert (
        relying(client=("vcp", "wrong")).post("logout", refresh_token=tokens["refresh_token"]).status_code
        == 401
    )
    answer = browser.post("logout", refresh_token=tokens["refresh_token"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert heading(browser.ask()) == "Sign in"
    again = browser.post("logout", refresh_token="made-up")
    assert (again.status_code, again.json()["error_description"]) == (400, "Invalid refresh token")


def test_a_client_cannot_sign_out_with_the_token_of_another(relying, told):
    browser = relying()
    tokens = browser.sign_in(ANA)
    assert told("vcp-other").post("logout", refresh_token=tokens["refresh_token"]).status_code == 400
    assert browser.refresh(tokens["refresh_token"]).status_code == 200


def test_a_session_ended_at_the_provider_is_told_to_its_clients(told, control, listener):
    browser = told(realm="registry")
    claims = browser.claims(browser.sign_in(PAULA)["id_token"])
    ended = control.delete("sessions", params={"sid": claims["sid"]}).json()
    assert ended == {"ended": [claims["sid"]]}
    token = logout_token(listener)
    said = browser.claims(token)
    known = {
        "iss": browser.issuer,
        "aud": "vcp-told",
        "sub": claims["sub"],
        "sid": claims["sid"],
        "events": {EVENT: {}},
    }
    assert {name: said[name] for name in known} == known
    assert said["exp"] - said["iat"] == 120
    assert said["jti"]
    assert "nonce" not in said
    assert jws.extract_compact(token.encode()).headers()["typ"] == "logout+jwt"
    assert heading(browser.ask()) == "Sign in"


def test_every_client_of_the_session_is_told_once(relying, told, listener):
    first, second = told("vcp-first"), told("vcp-second")
    tokens = first.sign_in(ANA)
    second.http.cookies = first.http.cookies
    second.tokens(second.ask())
    leave(first, id_token_hint=tokens["id_token"])
    leave(first, id_token_hint=tokens["id_token"])
    said = [first.claims(logout_token(listener))["aud"] for _ in range(2)]
    assert sorted(said) == ["vcp-first", "vcp-second"]
    assert not listener.has_more()


def test_sign_out_by_refresh_token_is_told_too(told, listener):
    browser = told()
    tokens = browser.sign_in(ANA)
    browser.post("logout", refresh_token=tokens["refresh_token"])
    assert browser.claims(logout_token(listener))["sid"] == tokens["session_state"]


def test_a_message_that_is_not_taken_comes_again(told, control, listener):
    listener.answers = [500, 500]
    browser = told()
    sid = browser.sign_in(ANA)["session_state"]
    control.delete("sessions", params={"sid": sid})
    said = [browser.claims(logout_token(listener)) for _ in range(3)]
    assert {claims["sid"] for claims in said} == {sid}
    assert len({claims["jti"] for claims in said}) == 3


def test_a_client_that_never_takes_it_is_given_up(relying, control, forward):
    browser = relying()
    control.post(
        "clients",
        json={
            "client_id": "vcp-deaf",
            "client_secret": "s",
            "platform_url": "http://127.0.0.1:9",
            "realm": "public",
        },
    )
    browser = relying(client=("vcp-deaf", "s"))
    sid = browser.sign_in(ANA)["session_state"]
    control.delete("sessions", params={"sid": sid})
    for _ in range(SECONDS * 10):
        forward(10)
        [message] = [each for each in control.get("logouts").json() if each["sid"] == sid]
        if message["state"] == "given_up":
            break
    assert (message["state"], message["attempts"], message["status"]) == ("given_up", 4, "ConnectError")


def test_people_are_signed_out_on_their_page(identity, told, listener):
    browser = told()
    claims = browser.claims(browser.sign_in(OTTO)["id_token"])
    address = f"{identity.url}/people/public/{claims['sub']}"
    page = httpx.get(address)
    assert claims["sid"] in page.text
    after = browser.http.post(f"{address}/sign-out", follow_redirects=True)
    assert "is signed in nowhere" in after.text
    assert browser.claims(logout_token(listener))["sid"] == claims["sid"]
