"""What clients call: discovery, keys, tokens, user information, revocation."""

from typing import Any

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.errors import JoseError

from sandbox.identity.claims import person_claims
from sandbox.identity.operation import operation
from sandbox.identity.provider import provider
from sandbox.identity.realms import OPENID_SCOPES, REALMS, SERVICE_SCOPES
from sandbox.identity.sessions import detach_client, digest, find_session
from sandbox.identity.store import now

views = Blueprint("identity_openid", __name__)


@views.get("/realms/<realm>/.well-known/openid-configuration")
@operation("configuration")
def configuration(realm: str) -> ResponseReturnValue:
    issuer = provider().issuer(realm)
    endpoints = f"{issuer}/protocol/openid-connect"
    own = SERVICE_SCOPES if realm == "registry" else ()
    secret = ["client_secret_basic", "client_secret_post"]
    return jsonify(
        issuer=issuer,
        authorization_endpoint=f"{endpoints}/auth",
        token_endpoint=f"{endpoints}/token",
        userinfo_endpoint=f"{endpoints}/userinfo",
        jwks_uri=f"{endpoints}/certs",
        end_session_endpoint=f"{endpoints}/logout",
        revocation_endpoint=f"{endpoints}/revoke",
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code", "refresh_token", "client_credentials"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        token_endpoint_auth_methods_supported=secret,
        revocation_endpoint_auth_methods_supported=secret,
        code_challenge_methods_supported=["S256"],
        scopes_supported=sorted({*OPENID_SCOPES, *REALMS[realm].scopes, *own}),
        acr_values_supported=["1", "2"],
        prompt_values_supported=["none", "login", "create"],
        claims_supported=["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "sid", "name", "email"],
        ui_locales_supported=["en"],
        backchannel_logout_supported=True,
        backchannel_logout_session_supported=True,
        authorization_response_iss_parameter_supported=True,
    )


@views.get("/realms/<realm>/protocol/openid-connect/certs")
@operation("certs")
def certs(realm: str) -> ResponseReturnValue:
    return jsonify(keys=[provider().keys[realm].as_dict(private=False)])


@views.post("/realms/<realm>/protocol/openid-connect/token")
@operation("token")
def token(realm: str) -> ResponseReturnValue:
    answer: Response = provider().servers[realm].create_token_response()
    answer.headers["Cache-Control"] = "no-store"
    return answer


@views.route("/realms/<realm>/protocol/openid-connect/userinfo", methods=["GET", "POST"])
@operation("userinfo")
def userinfo(realm: str) -> ResponseReturnValue:
    claims = _bearer_claims(realm)
    with provider().store.transaction() as db:
        signed_in = find_session(db, str(claims.get("sid", "")))
        revoked = db.execute("SELECT 1 FROM revoked_token WHERE jti = ?", (claims.get("jti"),)).fetchone()
        good = signed_in and not revoked and now(db) <= claims.get("exp", 0) and claims.get("typ") == "Bearer"
    if not good or signed_in is None or signed_in.person.realm != realm:
        refusal = jsonify(error="invalid_token", error_description="Token verification failed")
        return refusal, 401, {"WWW-Authenticate": f'Bearer realm="{realm}", error="invalid_token"'}
    return jsonify(person_claims(signed_in.person, str(claims.get("scope", ""))))


@views.post("/realms/<realm>/protocol/openid-connect/revoke")
@operation("revoke")
def revoke(realm: str) -> ResponseReturnValue:
    """A refresh token takes the client's whole session with it, as at Keycloak; an access token only itself."""
    server = provider().servers[realm]
    asked = server.create_oauth2_request(None)
    try:
        client = server.authenticate_client(asked, ["client_secret_basic", "client_secret_post"])
    except OAuth2Error as error:
        refused: Response = server.handle_error_response(asked, error)
        return refused
    value = request.form.get("token", "")
    with provider().store.transaction() as db:
        row = db.execute(
            "SELECT session_id FROM refresh_token WHERE hash = ? AND realm = ? AND client_id = ?",
            (digest(value), realm, client.id),
        ).fetchone()
        claims = _claims(realm, value)
        if row:
            detach_client(db, row["session_id"], client.id)
        elif claims.get("azp") == client.id:
            db.execute("INSERT OR IGNORE INTO revoked_token (jti) VALUES (?)", (claims["jti"],))
    return Response(status=200)


def _bearer_claims(realm: str) -> dict[str, Any]:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return _claims(realm, value) if scheme.lower() == "bearer" else {}


def _claims(realm: str, value: str) -> dict[str, Any]:
    """Of a token that this realm signed; none of any other."""
    try:
        return dict(jwt.decode(value, provider().keys[realm], algorithms=["RS256"]).claims)
    except (JoseError, ValueError):
        return {}
