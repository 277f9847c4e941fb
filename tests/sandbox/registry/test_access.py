"""Who may call what: the two kinds of token, their scopes and accounts, and every token that is no good."""

import base64
import json
import time

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.sandbox.registry.conftest import request_for

ACCOUNT = "MW-ACC-100017"
SERVICE = "activities:read mandates:read cancellations:write cancellations:read"
DELEGATED = "activities:read holdings:read mandates:write"
GRANT = {"block_id": "BLK-99999", "quantity": 1}
# operation: method, path, body, scope of a service token, scope of a delegated one
OPERATIONS = [
    ("GET", "/v1/activities", None, "activities:read", "activities:read"),
    ("GET", "/v1/activities/A6.4-MW-001042", None, "activities:read", "activities:read"),
    ("GET", "/v1/accounts", None, None, "holdings:read"),
    ("GET", f"/v1/accounts/{ACCOUNT}/holdings", None, None, "holdings:read"),
    ("POST", f"/v1/accounts/{ACCOUNT}/mandates", GRANT, None, "mandates:write"),
    ("GET", "/v1/mandates", None, "mandates:read", None),
    ("GET", "/v1/mandates/MND-000001", None, "mandates:read", "holdings:read"),
    ("DELETE", "/v1/mandates/MND-999999", None, None, "mandates:write"),
    (
        "POST",
        "/v1/cancellations",
        request_for({"mandate_id": "MND-999999"}, "access"),
        "cancellations:write",
        None,
    ),
    ("GET", "/v1/cancellations", None, "cancellations:read", None),
    ("GET", "/v1/cancellations/VC-0000-00000000", None, "cancellations:read", None),
]


def call(client, method, path, body):
    headers = {"Idempotency-Key": f"{method} {path}"} if method == "POST" else {}
    return client.request(method, path, json=body, headers=headers)


@pytest.mark.parametrize("method, path, body, service_scope, delegated_scope", OPERATIONS)
def test_the_right_scope_opens_and_its_lack_closes(
    registry, connect, mint, method, path, body, service_scope, delegated_scope
):
    for kind, needed, everything in (
        ({}, service_scope, SERVICE),
        ({"accounts": [ACCOUNT]}, delegated_scope, DELEGATED),
    ):
        other_kind_too = f"{SERVICE} {DELEGATED}"
        lacking = " ".join(scope for scope in other_kind_too.split() if scope != needed)
        refused = call(connect(registry.url, mint(scope=lacking, **kind)), method, path, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        allowed = call(connect(registry.url, mint(scope=everything, **kind)), method, path, body)
        if needed is None:
            assert (allowed.status_code, allowed.json()["code"]) == (403, "forbidden")
        else:
            assert allowed.status_code in (200, 404)


def test_health_asks_for_no_token(registry):
    answer = httpx.get(f"{registry.url}/v1/health")
    assert answer.json() == {"status": "ok", "contract_version": "1.0.0", "environment": "sandbox"}


def test_the_service_token_is_a_service_token(service):
    assert service.get("/v1/mandates", params={"limit": 1}).status_code == 200
    assert service.get("/v1/accounts").status_code == 403


def test_a_person_without_accounts_is_no_service(registry, connect, mint, mandate):
    nobody = connect(registry.url, mint(scope=f"{SERVICE} {DELEGATED}", azp="vcp"))
    assert nobody.get("/v1/accounts").json() == {"items": []}
    path = f"/v1/mandates/{mandate['mandate_id']}"
    assert nobody.get(path).json()["code"] == "forbidden"
    service = connect(
        registry.url, mint(scope=f"{SERVICE} {DELEGATED}", accounts=[ACCOUNT], azp="vcp-service")
    )
    assert service.get(path).is_success
    assert service.get("/v1/accounts").json()["code"] == "forbidden"


@pytest.mark.parametrize(
    "path, method",
    [(f"/v1/accounts/{ACCOUNT}/holdings", "GET"), (f"/v1/accounts/{ACCOUNT}/mandates", "POST")],
)
def test_a_person_opens_only_the_accounts_of_the_token(registry, connect, mint, path, method):
    other = connect(registry.url, mint(scope=DELEGATED, accounts=["BR-ACC-100025"]))
    refused = call(other, method, path, GRANT if method == "POST" else None)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    nobody = connect(registry.url, mint(scope=DELEGATED, accounts=[]))
    assert call(nobody, method, path, GRANT if method == "POST" else None).status_code == 403
    assert nobody.get("/v1/accounts").json() == {"items": []}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_person_touches_only_mandates_of_the_accounts_of_the_token(
    registry, connect, mint, mandate, method
):
    other = next(
        each for each in ("MW-ACC-100017", "BR-ACC-100025") if each != mandate["block"]["account_id"]
    )
    person = connect(registry.url, mint(scope=DELEGATED, accounts=[other]))
    refused = person.request(method, f"/v1/mandates/{mandate['mandate_id']}")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    owner = connect(registry.url, mint(scope=DELEGATED, accounts=[mandate["block"]["account_id"]]))
    assert owner.get(f"/v1/mandates/{mandate['mandate_id']}").json()["status"] == "active"


def unsigned(claims):
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        + "."
    )


def good_claims(identity):
    return {
        "iss": identity.names["issuer"],
        "aud": "mechanism-registry",
        "azp": "vcp-service",
        "sub": "somebody",
        "scope": SERVICE,
        "exp": int(time.time()) + 60,
    }


def published_key(identity):
    (key,) = httpx.get(f"{identity.names['issuer']}/protocol/openid-connect/certs").json()["keys"]
    return key


def bad_token(kind, identity, mint):
    """A token that is wrong in one respect only."""
    issuer, claims, key = identity.names["issuer"], good_claims(identity), published_key(identity)
    match kind:
        case "none at all":
            return ""
        case "not a token":
            return "abc"
        case "expired":
            return mint(scope=SERVICE, expires_in=-60)
        case "no end":
            return mint(scope=SERVICE, claims={"exp": None})
        case "wrong audience":
            return mint(scope=SERVICE, aud="account")
        case "public realm":
            return mint(scope=SERVICE, realm="public")
        case "public realm, issuer forged":
            return mint(scope=SERVICE, realm="public", claims={"iss": issuer})
        case "wrong issuer":
            return mint(scope=SERVICE, claims={"iss": "https://sso.example"})
        case "no algorithm":
            return unsigned(claims)
        case "wrong key":
            return jwt.encode({"alg": "RS256", "kid": key["kid"]}, claims, RSAKey.generate_key(2048))
        case "unknown key":
            return jwt.encode({"alg": "RS256", "kid": "unknown"}, claims, RSAKey.generate_key(2048))
        case "public key as shared secret":
            return jwt.encode({"alg": "HS256", "kid": key["kid"]}, claims, OctKey.import_key(key["n"]))
        case "accounts no list":
            return mint(scope=SERVICE, claims={"accounts": ACCOUNT})
    raise ValueError(kind)


BAD_TOKENS = [
    "none at all",
    "not a token",
    "expired",
    "no end",
    "wrong audience",
    "public realm",
    "public realm, issuer forged",
    "wrong issuer",
    "no algorithm",
    "wrong key",
    "unknown key",
    "public key as shared secret",
    "accounts no list",
]


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_opens_nothing(registry, identity, mint, kind):
    value = bad_token(kind, identity, mint)
    headers = {"Authorization": f"Bearer {value}".strip()}
    refused = httpx.get(f"{registry.url}/v1/activities", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    # The same call is fine with a good one, so it was the token that was refused.
    good = mint(scope=SERVICE)
    assert httpx.get(f"{registry.url}/v1/activities", headers={"Authorization": f"Bearer {good}"}).is_success


def test_a_refused_call_takes_no_fault(registry, control, fault):
    fault("unavailable", "listMandates")
    assert httpx.get(f"{registry.url}/v1/mandates").status_code == 401
    assert len(control.get("/faults").json()["items"]) == 1
