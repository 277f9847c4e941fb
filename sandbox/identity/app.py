"""The pages of the issuer, in Keycloak's URL layout, and a sandbox-only one that mints any token."""

import hmac
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from joserfc.jwk import RSAKey

from sandbox.identity.issue import SECONDS, issue
from sandbox.identity.keys import load_keys

AUDIENCE = "mechanism-registry"
SERVICE_SCOPES = ("activities:read", "mandates:read", "cancellations:write", "cancellations:read")


@dataclass(frozen=True)
class Settings:
    base_url: str
    state: Path
    client_id: str
    client_secret: str


pages = Blueprint("tokens", __name__)


def create_app(settings: Settings) -> Flask:
    """The issuer as a WSGI application. Makes the key pairs when the state directory has none."""
    app = Flask(__name__)
    app.config["ISSUER"] = settings
    app.config["KEYS"] = load_keys(settings.state)
    app.register_blueprint(pages)
    return app


def _settings() -> Settings:
    settings: Settings = current_app.config["ISSUER"]
    return settings


def _key(realm: str) -> RSAKey:
    keys: dict[str, RSAKey] = current_app.config["KEYS"]
    return keys[realm] if realm in keys else abort(404)


def _issuer(realm: str) -> str:
    return f"{_settings().base_url}/realms/{realm}"


@pages.get("/")
def index() -> ResponseReturnValue:
    names = "".join(
        f'<li><a href="/realms/{realm}/.well-known/openid-configuration">{realm}</a></li>'
        for realm in current_app.config["KEYS"]
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sandbox token issuer</title></head>'
        f"<body><main><h1>Sandbox token issuer</h1><p>Realms:</p><ul>{names}</ul></main></body></html>"
    )


@pages.get("/realms/<realm>/.well-known/openid-configuration")
def configuration(realm: str) -> ResponseReturnValue:
    _key(realm)
    issuer = _issuer(realm)
    return jsonify(
        issuer=issuer,
        token_endpoint=f"{issuer}/protocol/openid-connect/token",
        jwks_uri=f"{issuer}/protocol/openid-connect/certs",
        grant_types_supported=["client_credentials"],
        response_types_supported=["none"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        scopes_supported=list(SERVICE_SCOPES) if realm == "registry" else [],
    )


@pages.get("/realms/<realm>/protocol/openid-connect/certs")
def certs(realm: str) -> ResponseReturnValue:
    return jsonify(keys=[_key(realm).as_dict(private=False)])


@pages.post("/realms/<realm>/protocol/openid-connect/token")
def token(realm: str) -> ResponseReturnValue:
    key = _key(realm)
    if request.form.get("grant_type") != "client_credentials":
        return _refuse(400, "unsupported_grant_type", "Unsupported grant_type")
    if realm != "registry" or not _client_is_known():
        return _refuse(401, "unauthorized_client", "Invalid client or Invalid client credentials")
    wanted = request.form.get("scope", "").split() or list(SERVICE_SCOPES)
    if not set(wanted) <= set(SERVICE_SCOPES):
        return _refuse(400, "invalid_scope", f"Invalid scopes: {' '.join(wanted)}")
    client = _settings().client_id
    scope = " ".join(wanted)
    access_token = issue(key, _issuer(realm), f"service-account-{client}", scope, aud=AUDIENCE, azp=client)
    return _token_answer(access_token, scope)


def _client_is_known() -> bool:
    basic = request.authorization if request.authorization and request.authorization.type == "basic" else None
    client = (basic.username if basic else request.form.get("client_id")) or ""
    secret = (basic.password if basic else request.form.get("client_secret")) or ""
    expected = _settings()
    # Both are always compared, in constant time, as a real provider would.
    return hmac.compare_digest(client.encode(), expected.client_id.encode()) & hmac.compare_digest(
        secret.encode(), expected.client_secret.encode()
    )


@pages.post("/sandbox/tokens")
def mint() -> ResponseReturnValue:
    """Any token at all, for tests and for delegated tokens. See docs/sandbox.md."""
    asked: dict[str, Any] = request.get_json()
    realm = asked.get("realm", "registry")
    key = _key(realm)
    claims: dict[str, Any] = {"aud": asked.get("aud", AUDIENCE), "azp": asked.get("azp", "vcp-sign-in")}
    if "accounts" in asked:
        claims["accounts"] = asked["accounts"]
    if "expires_in" in asked:
        claims["exp"] = int(time.time()) + int(asked["expires_in"])
    claims |= asked.get("claims", {})
    scope = asked.get("scope", "")
    return _token_answer(
        issue(key, _issuer(realm), asked.get("sub", "sandbox-person"), scope, **claims), scope
    )


def _token_answer(access_token: str, scope: str) -> ResponseReturnValue:
    answer = jsonify(
        {
            "access_token": access_token,
            "expires_in": SECONDS,
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": scope,
        }
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _refuse(status: int, error: str, description: str) -> ResponseReturnValue:
    answer = jsonify(error=error, error_description=description)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer
