"""What only a sandbox has: faults, people, sessions, the clock, any token at all; and that its state survives."""

import json
from contextlib import ExitStack

import httpx
import pytest
from joserfc.errors import JoseError

from sandbox.registry.problems import Problem
from sandbox.registry.tokens import TokenCheck
from tests.neighbours import start_identity
from tests.sandbox.identity.relying import ANA, OTTO, PAULA, VERA, Relying, alert, back, heading, seeded


def test_a_fault_disturbs_as_many_calls_as_it_was_asked_to(relying, control):
    browser = relying()
    asked = {"kind": "error_503", "operation": "token", "calls": 2}
    queued = control.post("faults", json=asked).json()["queued"]
    assert [(fault["kind"], fault["operation"]) for fault in queued] == [("error_503", "token")] * 2
    assert httpx.get(f"{browser.endpoints}/certs").status_code == 200  # another operation
    for status in (503, 503, 400):
        answer = browser.refresh("made-up")
        assert answer.status_code == status
    assert [call["fault"] for call in control.get("calls", params={"operation": "token"}).json()] == [
        "error_503",
        "error_503",
        None,
    ]


@pytest.mark.parametrize(
    "operation, path",
    [
        ("configuration", "/.well-known/openid-configuration"),
        ("certs", "/protocol/openid-connect/certs"),
        ("auth", "/protocol/openid-connect/auth"),
        ("logout", "/protocol/openid-connect/logout"),
        ("userinfo", "/protocol/openid-connect/userinfo"),
        ("*", "/protocol/openid-connect/certs"),
    ],
)
def test_every_endpoint_can_be_disturbed(relying, control, operation, path):
    control.post("faults", json={"kind": "error_500", "operation": operation})
    address = relying().issuer + path
    assert httpx.get(address).status_code == 500
    assert httpx.get(address).status_code != 500


def test_slow_and_malformed_and_broken_answers(relying, control):
    address = f"{relying().endpoints}/certs"
    control.post("faults", json={"kind": "slow", "operation": "certs", "seconds": 2})
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(address, timeout=0.5)
    control.post("faults", json={"kind": "malformed", "operation": "certs"})
    with pytest.raises(json.JSONDecodeError):
        httpx.get(address).json()
    control.post("faults", json={"kind": "drop", "operation": "certs"})
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(address)
    assert "keys" in httpx.get(address).json()


def test_an_answer_that_is_lost_was_acted_upon(relying, control):
    browser = relying()
    tokens = browser.sign_in(ANA)
    control.post("faults", json={"kind": "drop", "operation": "token"})
    with pytest.raises(httpx.RemoteProtocolError):
        browser.refresh(tokens["refresh_token"])
    tokens = browser.refresh(tokens["refresh_token"]).json()
    control.post("faults", json={"kind": "drop_after", "operation": "token"})
    with pytest.raises(httpx.RemoteProtocolError):
        browser.refresh(tokens["refresh_token"])
    assert browser.refresh(tokens["refresh_token"]).status_code == 400


def test_an_unknown_fault_is_refused(control):
    for wrong in (
        {"kind": "nonsense"},
        {"kind": "slow", "operation": "nonsense"},
        {"kind": "forge", "signature": "x"},
    ):
        assert control.post("faults", json=wrong).status_code == 400
    assert control.get("faults").json()["queued"] == []


def test_an_id_token_can_be_forged(relying, control):
    browser = relying()
    control.post(
        "faults", json={"kind": "forge", "operation": "token", "claims": {"nonce": "x", "aud": None}}
    )
    claims = browser.claims(browser.sign_in(ANA)["id_token"])
    assert (claims["nonce"], "aud" in claims, claims["email"]) == ("x", False, ANA)


@pytest.mark.parametrize("signature", ["foreign", "other_realm", "none", "hmac"])
def test_a_forged_signature_is_one(relying, control, signature):
    browser = relying()
    control.post("faults", json={"kind": "forge", "operation": "token", "signature": signature})
    tokens = browser.sign_in(ANA)
    with pytest.raises((JoseError, ValueError)):
        browser.claims(tokens["id_token"])
    assert browser.claims(tokens["access_token"])["sub"] == seeded("public", ANA)["id"]


@pytest.mark.parametrize("signature", ["own", "foreign", "other_realm", "none", "hmac"])
def test_tokens_are_minted_with_any_signature(identity, control, signature):
    token = control.post("tokens", json={"scope": "mandates:read", "signature": signature}).json()[
        "access_token"
    ]
    check = TokenCheck(identity.names["issuer"], "mechanism-registry", "vcp-service")
    if signature == "own":
        assert check.caller(f"Bearer {token}").kind == "service"
    else:
        with pytest.raises(Problem) as raised:
            check.caller(f"Bearer {token}")
        assert raised.value.code == "unauthenticated"


def test_an_unknown_signature_is_refused(control):
    assert control.post("tokens", json={"signature": "nonsense"}).status_code == 400


def test_minted_tokens_are_whose_their_accounts_say(identity, control):
    check = TokenCheck(identity.names["issuer"], "mechanism-registry", "vcp-service")

    def kind(**asked):
        token = control.post("tokens", json=asked).json()["access_token"]
        return check.caller(f"Bearer {token}").kind

    assert kind() == "service"
    assert kind(accounts=[]) == kind(azp="vcp") == "delegated"


def test_people_are_added_and_changed(relying, control):
    who = {
        "realm": "registry",
        "email": "Changed@provider.example",
        "given_name": "Chan",
        "family_name": "Ged",
    }
    added = control.post("people", json={**who, "password": "a password"}).json()
    browser = relying("registry")
    assert added["email"] == "changed@provider.example"
    assert added["id"] in browser.ask().text
    control.patch(
        f"people/registry/{added['id']}",
        json={
            "roles": ["provider"],
            "accounts": ["BR-ACC-100025"],
            "given_name": "Changed",
            "password": "another one",
        },
    )
    assert (
        alert(browser.password(browser.ask(), who["email"], "a password")) == "Invalid username or password."
    )
    claims = browser.claims(
        browser.tokens(browser.password(browser.ask(), who["email"], "another one"))["id_token"]
    )
    assert (claims["roles"], claims["accounts"], claims["name"]) == (
        ["provider"],
        ["BR-ACC-100025"],
        "Changed Ged",
    )


def test_a_new_administrator_has_an_authenticator(relying, control):
    who = {"realm": "registry", "email": "new.administrator@registry.example"}
    added = control.post("people", json=who).json()
    assert added["one_time_code"] is None
    changed = control.patch(
        f"people/registry/{who['email']}", json={"roles": ["registry-administrator"]}
    ).json()
    browser = relying("registry")
    page = browser.password(browser.ask(), who["email"])
    assert heading(page) == "One-time code"
    assert "code" in back(browser.send("#kc-otp-login-form", page, otp=changed["one_time_code"]))


def test_an_address_belongs_to_one_person_of_a_realm(control):
    assert control.post("people", json={"realm": "public", "email": ANA.upper()}).status_code == 409
    assert control.patch(f"people/public/{OTTO}", json={"email": ANA}).status_code == 409
    assert control.patch("people/public/nobody@example.org", json={}).status_code == 404
    assert control.post("people", json={"realm": "elsewhere", "email": "a@b.example"}).status_code == 404


def test_no_list_gives_a_secret_away(control):
    for path in ("people", "clients", "sessions", "calls"):
        text = control.get(path).text
        for secret in ("scrypt", "sandbox-public-secret", "sandbox-registry-secret", "sandbox-client-secret"):
            assert secret not in text


def test_sessions_are_listed_and_ended_by_whose_they_are(relying, control):
    ana, otto, paula = relying(), relying(), relying("registry")
    ana.sign_in(ANA)
    otto.sign_in(OTTO)
    paula.sign_in(PAULA)
    listed = control.get("sessions", params={"person": OTTO}).json()
    assert {(session["realm"], session["email"]) for session in listed} == {("public", OTTO)}
    assert listed[-1]["clients"] == ["vcp"]
    control.delete("sessions", params={"person": OTTO})
    assert control.get("sessions", params={"person": OTTO}).json() == []
    assert heading(otto.ask()) == "Sign in"
    assert "code" in back(ana.ask())
    control.delete("sessions", params={"realm": "public"})
    assert heading(ana.ask()) == "Sign in"
    assert "code" in back(paula.ask())


def test_the_clock_moves_tokens_too(relying, forward):
    browser = relying()
    before = browser.claims(browser.sign_in(ANA)["id_token"])["iat"]
    forward(1000)
    assert browser.claims(browser.sign_in(ANA)["id_token"])["iat"] >= before + 1000


def test_calls_are_told_without_secrets(relying, control):
    browser = relying()
    tokens = browser.sign_in(ANA)
    browser.refresh(tokens["refresh_token"])
    browser.refresh("made-up")
    told = control.get("calls", params={"operation": "token", "realm": "public"}).json()
    assert [(call["asked"]["grant_type"], call["status"], call["error"]) for call in told] == [
        ("authorization_code", 200, None),
        ("refresh_token", 200, None),
        ("refresh_token", 400, "invalid_grant"),
    ]
    assert {call["asked"]["client_id"] for call in told} == {"vcp"}
    everything = control.get("calls").text
    for secret in (tokens["refresh_token"], tokens["id_token"], browser.verifier, "demonstration"):
        assert secret not in everything


def test_an_unknown_realm_is_nowhere(identity):
    for path in ("/.well-known/openid-configuration", "/protocol/openid-connect/auth"):
        assert httpx.get(f"{identity.url}/realms/other{path}").status_code == 404


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_sessions_and_tokens_survive_a_restart(tmp_path, end):
    with ExitStack() as opened:
        first = opened.enter_context(start_identity(tmp_path, platform_url="http://127.0.0.1:9"))
        browser = Relying(first, "registry")
        opened.callback(browser.http.close)
        tokens = browser.sign_in(VERA)
        httpx.patch(f"{first.url}/sandbox/people/public/{ANA}", json={"given_name": "Anna"})
        getattr(first, end)()
        port = int(first.url.rpartition(":")[2])
        opened.enter_context(start_identity(tmp_path, port, platform_url="http://127.0.0.1:9"))
        assert browser.claims(tokens["id_token"])["email"] == VERA
        assert heading(browser.ask()) == "One-time code"
        assert browser.refresh(tokens["refresh_token"]).status_code == 200
        [ana] = [each for each in httpx.get(f"{first.url}/sandbox/people").json() if each["email"] == ANA]
        assert (ana["given_name"], ana["id"]) == ("Anna", seeded("public", ANA)["id"])
