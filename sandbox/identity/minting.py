"""POST /sandbox/tokens: any token at all, for tests. See docs/sandbox.md."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.identity.claims import service_claims
from sandbox.identity.keys import SIGNATURES, sign
from sandbox.identity.provider import ACCESS_SECONDS, provider, realm_or_404
from sandbox.identity.realms import REGISTRY_AUDIENCE
from sandbox.identity.store import now

views = Blueprint("identity_minting", __name__)


@views.post("/sandbox/tokens")
def mint() -> ResponseReturnValue:
    asked: dict[str, Any] = request.get_json()
    here, realm = provider(), realm_or_404(asked.get("realm", "registry")).name
    signature = asked.get("signature", "own")
    if signature not in SIGNATURES:
        return jsonify(error=f"signature must be one of {', '.join(SIGNATURES)}"), 400
    client = "vcp" if "accounts" in asked else here.service_client
    claims: dict[str, Any] = {"aud": asked.get("aud", REGISTRY_AUDIENCE), "azp": asked.get("azp", client)}
    scope = asked.get("scope", "")
    with here.store.transaction() as db:
        if "accounts" in asked:
            claims["accounts"] = asked["accounts"]
        if "expires_in" in asked:
            claims["exp"] = int(now(db)) + int(asked["expires_in"])
        claims |= asked.get("claims", {})
        subject = asked.get("sub", "sandbox-person")
        payload = service_claims(db, here.issuer(realm), subject, scope, **claims)
    answer = jsonify(
        access_token=sign(here.keys, realm, payload, signature, asked.get("typ", "JWT")),
        expires_in=ACCESS_SECONDS,
        refresh_expires_in=0,
        token_type="Bearer",  # noqa: S106  # a kind of token, not one
        scope=scope,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
