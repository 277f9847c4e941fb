"""Service tokens: Keycloak's paths, one client, keys that stay."""

import time

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.neighbours import CLIENT_ID, CLIENT_SECRET, start_identity

SCOPES = {"activities:read", "mandates:read", "cancellations:write", "cancellations:read"}


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    with start_identity(tmp_path_factory.mktemp("identity")) as program:
        yield program


def ask(identity, realm="registry", auth=(CLIENT_ID, CLIENT_SECRET), **form):
    url = f"{identity.url}/realms/{realm}/protocol/openid-connect/token"
    return httpx.post(url, data={"grant_type": "client_credentials", **form}, auth=auth)


def claims_of(identity, token, realm="registry"):
    keys = KeySet.import_key_set(
        httpx.get(f"{identity.url}/realms/{realm}/protocol/openid-connect/certs").json()
    )
    return jwt.decode(token, keys, algorithms=["RS256"]).claims


def test_the_client_gets_a_token_with_all_it_may(identity):
    answer = ask(identity)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 300)
    claims = claims_of(identity, answer.json()["access_token"])
    assert claims["iss"] == f"{identity.url}/realms/registry"
    assert (claims["aud"], claims["azp"]) == ("mechanism-registry", CLIENT_ID)
    assert claims["exp"] - claims["iat"] == 300
    assert set(claims["scope"].split()) == SCOPES
    assert "accounts" not in claims
    assert claims["sub"] == claims_of(identity, ask(identity).json()["access_token"])["sub"]
    assert claims["jti"] != claims_of(identity, ask(identity).json()["access_token"])["jti"]


def test_the_secret_may_come_in_the_body(identity):
    assert ask(identity, auth=None, client_id=CLIENT_ID, client_secret=CLIENT_SECRET).status_code == 200


def test_fewer_scopes_can_be_asked_for_but_no_others(identity):
    answer = ask(identity, scope="mandates:read").json()
    assert answer["scope"] == claims_of(identity, answer["access_token"])["scope"] == "mandates:read"
    refused = ask(identity, scope="mandates:read holdings:read")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    "wrong, status, error",
    [
        ({"auth": (CLIENT_ID, "guess")}, 401, "unauthorized_client"),
        ({"auth": ("guess", CLIENT_SECRET)}, 401, "unauthorized_client"),
        ({"auth": None}, 401, "unauthorized_client"),
        ({"realm": "public"}, 401, "unauthorized_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_nobody_else_gets_one(identity, wrong, status, error):
    refused = ask(identity, **wrong)
    assert (refused.status_code, refused.json()["error"]) == (status, error)


def test_the_realms_are_found_by_discovery_and_have_keys_of_their_own(identity):
    kids = set()
    for realm in ("registry", "public"):
        issuer = f"{identity.url}/realms/{realm}"
        found = httpx.get(f"{issuer}/.well-known/openid-configuration").json()
        assert (found["issuer"], found["token_endpoint"]) == (
            issuer,
            f"{issuer}/protocol/openid-connect/token",
        )
        (key,) = httpx.get(found["jwks_uri"]).json()["keys"]
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
        assert "d" not in key  # the private part stays here
        kids.add(key["kid"])
    assert len(kids) == 2
    assert httpx.get(f"{identity.url}/realms/other/.well-known/openid-configuration").status_code == 404


def test_any_token_can_be_minted_for_tests(identity):
    wanted = {
        "realm": "public",
        "sub": "a-person",
        "scope": "holdings:read",
        "accounts": ["MW-ACC-100017"],
        "aud": "else",
        "expires_in": -5,
        "claims": {"iss": "https://sso.example", "more": 1},
    }
    token = httpx.post(f"{identity.url}/sandbox/tokens", json=wanted).json()["access_token"]
    claims = claims_of(identity, token, "public")
    assert claims["exp"] - claims["iat"] == -5
    assert {name: claims[name] for name in ("sub", "scope", "accounts", "aud", "iss", "more")} == {
        "sub": "a-person",
        "scope": "holdings:read",
        "accounts": ["MW-ACC-100017"],
        "aud": "else",
        "iss": "https://sso.example",
        "more": 1,
    }


def test_any_claim_can_be_minted_in_place_of_the_usual_one(identity):
    wanted = {"scope": "holdings:read", "claims": {"scope": "everything", "subject": "nobody", "iat": None}}
    token = httpx.post(f"{identity.url}/sandbox/tokens", json=wanted).json()["access_token"]
    claims = claims_of(identity, token)
    assert (claims["scope"], claims["subject"], "iat" in claims) == ("everything", "nobody", False)


def test_the_keys_survive_a_restart(tmp_path):
    with start_identity(tmp_path) as first:
        token = ask(first).json()["access_token"]
        first.kill()
    with start_identity(tmp_path) as second:
        assert claims_of(second, token)["azp"] == CLIENT_ID


def test_a_killed_program_frees_its_port(tmp_path):
    with start_identity(tmp_path) as first:
        first.process.kill()  # the parent alone: its worker must not go on serving
        first.process.wait()
        give_up = time.monotonic() + 30
        while answers(first.url):
            assert time.monotonic() < give_up
            time.sleep(0.05)


def answers(url):
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False
