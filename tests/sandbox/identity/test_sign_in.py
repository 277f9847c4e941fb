"""The authorization endpoint and the sign-in page: who gets in, what is asked again, what is refused."""

import httpx
import pyotp
import pytest
from bs4 import BeautifulSoup

from tests.sandbox.identity.relying import (
    ANA,
    OTTO,
    PAULA,
    PIPPA,
    PLATFORM,
    SEED,
    VERA,
    alert,
    back,
    code_now,
    heading,
    seeded,
)


@pytest.mark.parametrize("realm", ["public", "registry"])
def test_the_page_offers_the_people_of_its_realm(relying, realm):
    page = BeautifulSoup(relying(realm).ask().text, "html.parser")
    offered = {button["value"] for button in page.select("button[name=person]")}
    own = {person["id"] for person in SEED["people"] if person["realm"] == realm}
    assert own <= offered
    assert not offered & {person["id"] for person in SEED["people"] if person["realm"] != realm}


def test_a_button_signs_in_and_leads_back_with_code_state_and_issuer(relying):
    browser = relying()
    page = browser.ask()
    form = BeautifulSoup(page.text, "html.parser").select_one("button[name=person]").find_parent("form")
    answer = browser.send(form, page, person=seeded("public", ANA)["id"])
    assert answer.headers["Location"].startswith(f"{PLATFORM}/sign-in/public/back?")
    query = back(answer)
    assert set(query) == {"code", "state", "iss"}
    assert (query["state"], query["iss"]) == ("the-state", browser.issuer)


def test_a_typed_password_signs_in_and_another_does_not(relying):
    browser = relying()
    refused = browser.password(browser.ask(), ANA, "wrong")
    assert alert(refused) == "Invalid username or password."
    assert heading(refused) == "Sign in"
    assert "code" in back(browser.password(refused, ANA.upper()))
    assert alert(browser.password(relying().ask(), "nobody@example.org")) == "Invalid username or password."


def test_a_person_of_one_realm_is_nobody_in_the_other(relying):
    assert alert(relying("registry").password(relying("registry").ask(), ANA)) == (
        "Invalid username or password."
    )


@pytest.mark.parametrize("realm", ["public", "registry"])
def test_the_id_token_says_who_it_is(relying, realm):
    browser = relying(realm)
    tokens = browser.sign_in(PAULA)
    claims = browser.claims(tokens["id_token"])
    person = seeded(realm, PAULA)
    known = {
        "iss": browser.issuer,
        "sub": person["id"],
        "aud": "vcp",
        "azp": "vcp",
        "nonce": "the-nonce",
        "acr": "1",
        "email": PAULA,
        "email_verified": True,
        "name": "Paula Sample",
        "given_name": "Paula",
        "family_name": "Sample",
        "locale": "en",
        "typ": "ID",
    }
    assert {name: claims[name] for name in known} == known
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 300
    assert 0 <= claims["iat"] - claims["auth_time"] <= 60
    assert claims["sid"] == tokens["session_state"]
    more = {name: claims[name] for name in ("roles", "accounts") if name in claims}
    assert more == ({} if realm == "public" else {"roles": ["provider"], "accounts": ["MW-ACC-100017"]})


def test_scopes_decide_what_is_told(relying):
    browser = relying()
    claims = browser.claims(browser.sign_in(ANA, scope="openid")["id_token"])
    assert not {"email", "name"} & set(claims)
    claims = relying().claims(relying().sign_in(ANA, scope="openid email")["id_token"])
    assert "name" not in claims
    assert claims["email"] == ANA
    assert "id_token" not in relying().sign_in(ANA, scope="profile")


def test_the_access_token_of_the_registry_realm_is_for_the_registry(relying):
    browser = relying("registry")
    asked = "openid profile email activities:read holdings:read mandates:write"
    tokens = browser.sign_in(PIPPA, scope=asked)
    claims = browser.claims(tokens["access_token"])
    assert (claims["aud"], claims["azp"], claims["typ"]) == ("mechanism-registry", "vcp", "Bearer")
    assert claims["accounts"] == ["GB-ACC-100058", "KE-ACC-100090"]
    assert claims["scope"] == tokens["scope"] == asked


def test_the_access_token_of_the_public_realm_is_not(relying):
    browser = relying()
    claims = browser.claims(browser.sign_in(ANA)["access_token"])
    assert claims["aud"] == "account"
    assert "accounts" not in claims


def test_scopes_of_another_realm_or_of_the_service_are_refused(relying):
    for realm, scope in (
        ("public", "openid holdings:read"),
        ("registry", "openid cancellations:write"),
        ("public", "openid nonsense"),
    ):
        query = back(relying(realm).ask(scope=scope))
        assert (query["error"], query["state"]) == ("invalid_scope", "the-state")


# Single sign-on, and what is asked again


def test_whoever_is_signed_in_is_not_asked_again(relying):
    browser = relying()
    first = browser.claims(browser.sign_in(ANA)["id_token"])
    again = browser.claims(browser.tokens(browser.ask(nonce="another"))["id_token"])
    assert (again["sid"], again["auth_time"], again["sub"]) == (
        first["sid"],
        first["auth_time"],
        first["sub"],
    )
    assert again["nonce"] == "another"
    assert heading(relying().ask()) == "Sign in"  # another browser


def test_the_realms_know_nothing_of_each_other(relying):
    browser = relying()
    browser.sign_in(PAULA)
    registry = relying("registry")
    registry.http.cookies = browser.http.cookies
    assert heading(registry.ask()) == "Sign in"


def test_prompt_none_shows_no_page(relying):
    browser = relying()
    refused = back(browser.ask(prompt="none"))
    assert (refused["error"], refused["iss"]) == ("login_required", browser.issuer)
    browser.sign_in(ANA)
    assert "code" in back(browser.ask(prompt="none"))
    assert back(browser.ask(prompt="none", max_age="0"))["error"] == "login_required"


def test_prompt_login_asks_the_same_person_again(relying, forward):
    browser = relying()
    first = browser.claims(browser.sign_in(ANA)["id_token"])
    page = browser.ask(prompt="login")
    assert heading(page) == "Sign in again"
    assert ANA in page.text
    assert OTTO not in page.text
    forward(2)
    again = browser.claims(browser.tokens(browser.password(page, ANA))["id_token"])
    assert again["sid"] == first["sid"]
    assert again["auth_time"] > first["auth_time"]


def test_prompt_login_takes_nobody_else(relying):
    browser = relying()
    browser.sign_in(ANA)
    refused = browser.password(browser.ask(prompt="login"), OTTO)
    assert refused.status_code == 400
    assert "already authenticated as different user" in alert(refused)
    # Having signed out there, they can.
    assert heading(browser.send("form", refused)) == "You are signed out"
    assert browser.claims(browser.sign_in(OTTO)["id_token"])["email"] == OTTO


def test_max_age_asks_again_when_it_is_long_ago(relying, forward):
    browser = relying()
    browser.sign_in(ANA)
    assert "code" in back(browser.ask(max_age="100"))
    forward(200)
    assert heading(browser.ask(max_age="100")) == "Sign in again"
    assert heading(browser.ask(max_age="0")) == "Sign in again"
    assert browser.ask(max_age="soon").status_code == 400


def test_the_session_ends_when_nobody_uses_it(relying, forward):
    browser = relying("registry")
    tokens = browser.sign_in(PAULA)
    forward(8 * 3600 + 60)
    assert heading(browser.ask()) == "Sign in"
    assert browser.refresh(tokens["refresh_token"]).json()["error_description"] == "Token is not active"


def test_each_sign_in_has_another_cookie(relying):
    browser = relying()
    browser.sign_in(ANA)
    [before] = [cookie.value for cookie in browser.http.cookies.jar]
    browser.password(browser.ask(prompt="login"), ANA)
    [after] = [cookie.value for cookie in browser.http.cookies.jar]
    assert before != after
    name = next(cookie.name for cookie in browser.http.cookies.jar)
    stolen = relying()
    stolen.http.cookies.set(name, before)
    assert heading(stolen.ask()) == "Sign in"


def test_a_cookie_given_before_the_sign_in_is_worth_nothing_after_it(relying):
    victim, thief = relying(), relying()
    victim.sign_in(ANA)
    name = next(cookie.name for cookie in victim.http.cookies.jar)
    victim = relying()
    victim.http.cookies.set(name, "chosen-by-the-thief", domain="127.0.0.1", path="/realms/public/")
    victim.sign_in(ANA)
    thief.http.cookies.set(name, "chosen-by-the-thief")
    assert heading(thief.ask()) == "Sign in"


def test_hint_and_languages_are_taken(relying, control):
    page = relying().ask(login_hint=OTTO, ui_locales="fr", kc_locale="fr")
    assert BeautifulSoup(page.text, "html.parser").select_one("#username")["value"] == OTTO
    [call] = control.get("calls", params={"operation": "auth"}).json()
    assert {name: call["asked"][name] for name in ("ui_locales", "kc_locale", "login_hint")} == {
        "ui_locales": "fr",
        "kc_locale": "fr",
        "login_hint": OTTO,
    }


# The second factor


def test_an_administrator_is_always_asked_for_a_code(relying):
    browser = relying("registry")
    page = browser.password(browser.ask(), VERA)
    assert heading(page) == "One-time code"
    assert BeautifulSoup(page.text, "html.parser").select_one("#pretend-code").get_text() == code_now()
    wrong = browser.send("#kc-otp-login-form", page, otp="000000" if code_now() != "000000" else "111111")
    assert alert(wrong) == "Invalid authenticator code."
    claims = browser.claims(
        browser.tokens(browser.send("#kc-otp-login-form", wrong, otp=code_now()))["id_token"]
    )
    assert (claims["acr"], claims["roles"]) == ("2", ["registry-administrator"])
    assert "accounts" not in claims


def test_the_step_of_one_sign_in_is_good_once(relying):
    browser = relying("registry")
    page = browser.password(browser.ask(), VERA)
    browser.send("#kc-otp-login-form", page, otp=code_now())
    again = relying("registry").send("#kc-otp-login-form", page, otp=code_now())
    assert alert(again) == "You took too long to sign in. Please start again."


def test_a_step_cannot_be_made_up(relying):
    browser = relying("registry")
    answer = browser.http.post(
        f"{browser.issuer}/login-actions/authenticate",
        params=browser.query(),
        data={"step": "made-up", "otp": code_now()},
    )
    assert heading(answer) == "Sign in"


def test_an_old_code_is_refused(relying, forward):
    browser = relying("registry")
    page = browser.password(browser.ask(), VERA)
    old = code_now()
    forward(120)
    shown = BeautifulSoup(browser.send("#kc-otp-login-form", page, otp=old).text, "html.parser")
    assert shown.select_one("#input-error-otp-code")


def test_elevation_is_a_fresh_sign_in_with_a_code(relying, forward):
    browser = relying("registry")
    before = browser.claims(browser.sign_in(VERA)["id_token"])
    forward(30)
    asked = {"acr_values": "2", "max_age": "0", "prompt": "login"}
    page = browser.password(browser.ask(**asked), VERA)
    shown = BeautifulSoup(page.text, "html.parser").select_one("#pretend-code").get_text()
    claims = browser.claims(browser.tokens(browser.send("#kc-otp-login-form", page, otp=shown))["id_token"])
    assert (claims["acr"], claims["sid"]) == ("2", before["sid"])
    assert claims["auth_time"] >= before["auth_time"] + 30


def test_whoever_has_an_authenticator_is_asked_for_it_when_the_client_wants_it(relying, control):
    who = {
        "realm": "registry",
        "email": "two@provider.example",
        "totp_secret": "TWOFACTORSECRETSTWOFACTORSECRETS",
    }
    assert control.post("people", json={**who, "roles": ["provider"]}).status_code == 200
    browser = relying("registry")
    signed_in = back(browser.password(browser.ask(), who["email"]))
    assert browser.claims(browser.redeem(signed_in["code"]).json()["id_token"])["acr"] == "1"
    page = browser.ask(acr_values="2")
    assert heading(page) == "One-time code"
    stepped_up = browser.send("#kc-otp-login-form", page, otp=pyotp.TOTP(who["totp_secret"]).now())
    assert browser.claims(browser.tokens(stepped_up)["id_token"])["acr"] == "2"
    assert "code" in back(browser.ask(acr_values="2"))
    other = relying("registry")
    assert heading(other.password(other.ask(acr_values="2"), who["email"])) == "One-time code"


def test_an_administrator_who_is_signed_in_is_asked_for_another_code(relying):
    browser = relying("registry")
    browser.sign_in(VERA)
    assert heading(browser.ask()) == "One-time code"
    assert back(browser.ask(prompt="none"))["error"] == "login_required"


def test_whoever_has_none_stays_at_the_first_level(relying):
    browser = relying("registry")
    assert browser.claims(browser.sign_in(PAULA, acr_values="2")["id_token"])["acr"] == "1"


# Requests that are not in order


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "somebody"},
        {"client_id": None},
        {"client_id": "vcp-service"},
        {"redirect_uri": "http://127.0.0.1:9/elsewhere"},
        {"redirect_uri": "https://evil.example/sign-in/public/back"},
        {"redirect_uri": None},
    ],
    ids=["unknown client", "no client", "service client", "other path", "other host", "no address"],
)
def test_nobody_is_sent_to_an_unknown_address(relying, wrong):
    answer = relying().ask(**wrong)
    assert (answer.status_code, heading(answer)) == (400, "We are sorry …")
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "wrong, error",
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
    ids=["no challenge", "plain challenge", "short challenge", "implicit", "contradiction"],
)
def test_other_mistakes_are_told_to_the_client(relying, wrong, error):
    query = back(relying().ask(**wrong))
    assert (query["error"], query["state"], "code" in query) == (error, "the-state", False)


def test_the_form_cannot_be_sent_for_another_address(relying):
    browser = relying()
    answer = browser.http.post(
        f"{browser.issuer}/login-actions/authenticate",
        params=browser.query(redirect_uri="https://evil.example/"),
        data={"username": ANA, "password": "demonstration"},
    )
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


def test_whoever_is_disabled_is_told_so(relying, control):
    who = {"realm": "public", "email": "disabled@example.org", "given_name": "Dis"}
    control.post("people", json=who)
    browser = relying()
    tokens = browser.tokens(browser.password(browser.ask(), who["email"]))
    control.patch(f"people/public/{who['email']}", json={"disabled": True})
    assert heading(browser.ask()) == "Sign in again"
    assert "disabled" in alert(browser.password(browser.ask(), who["email"]))
    assert browser.refresh(tokens["refresh_token"]).json()["error_description"] == "User disabled"


def test_another_platform_can_be_registered(relying, control):
    made = control.post(
        "clients", json={"client_id": "vcp-2", "client_secret": "s2", "platform_url": "http://127.0.0.1:10/"}
    ).json()
    assert {client["realm"] for client in made} == {"public", "registry"}
    assert made[0]["backchannel_logout_uri"] == "http://127.0.0.1:10/sign-in/public/back-channel-logout"
    for realm in ("public", "registry"):
        other = relying(realm, client=("vcp-2", "s2"), platform="http://127.0.0.1:10")
        assert other.claims(other.sign_in(PAULA)["id_token"])["aud"] == "vcp-2"
    mine = relying()
    code = back(mine.password(mine.ask(), ANA))["code"]
    stolen = relying(client=("vcp-2", "s2"))
    stolen.verifier = mine.verifier
    assert stolen.redeem(code).json()["error_description"] == "Code not valid"


def test_discovery_names_every_address(relying):
    for realm in ("public", "registry"):
        browser = relying(realm)
        found = httpx.get(f"{browser.issuer}/.well-known/openid-configuration").json()
        assert found["issuer"] == browser.issuer
        names = {
            "authorization_endpoint": "auth",
            "token_endpoint": "token",
            "userinfo_endpoint": "userinfo",
            "jwks_uri": "certs",
            "end_session_endpoint": "logout",
            "revocation_endpoint": "revoke",
        }
        assert {name: found[name] for name in names} == {
            name: f"{browser.endpoints}/{path}" for name, path in names.items()
        }
        assert found["code_challenge_methods_supported"] == ["S256"]
        assert found["backchannel_logout_session_supported"] is True
        assert found["id_token_signing_alg_values_supported"] == ["RS256"]
