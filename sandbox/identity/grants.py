"""Codes and refresh tokens by Authlib's grants: kept as digests, used once, with Keycloak's words for refusals."""

import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    InvalidGrantError,
    InvalidRequestError,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, OpenIDToken

from sandbox.identity.claims import person_claims, session_claims
from sandbox.identity.clients import Client
from sandbox.identity.provider import CODE_SECONDS
from sandbox.identity.sessions import (
    SignedIn,
    attach_client,
    detach_client,
    digest,
    find_session,
    is_attached,
    use_session,
)
from sandbox.identity.store import now

_CLIENT_AUTHENTICATION = ["client_secret_basic", "client_secret_post"]


@dataclass(frozen=True)
class Code:
    """An authorization code that is being used, as Authlib asks about it."""

    session_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token that is being used, as Authlib asks about it."""

    hash: str
    client_id: str
    session_id: str
    scope: str

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.id

    def get_scope(self) -> str:
        return self.scope


class CodeGrant(AuthorizationCodeGrant):
    """A code is good for one try within a minute. A second one also ends what the first gave."""

    TOKEN_ENDPOINT_AUTH_METHODS = _CLIENT_AUTHENTICATION

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked, signed_in = request.payload.data, request.user
        with self.server.provider.store.transaction() as db:
            attach_client(db, signed_in.session.id, request.client.id)
            use_session(db, signed_in.session)
            db.execute(
                "INSERT INTO code (hash, realm, client_id, session_id, redirect_uri, scope, nonce, challenge, "
                "challenge_method, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(digest(code), self.server.realm, request.client.id, signed_in.session.id),
                    *(request.payload.redirect_uri, request.scope, asked.get("nonce")),
                    *(asked.get("code_challenge"), asked.get("code_challenge_method")),
                    now(db) + CODE_SECONDS,
                ),
            )

    def query_authorization_code(self, code: str, client: Client) -> Code:
        with self.server.provider.store.transaction() as db:
            row = db.execute(
                "SELECT * FROM code WHERE hash = ? AND realm = ? AND client_id = ?",
                (digest(code), self.server.realm, client.id),
            ).fetchone()
            if row is None:
                raise InvalidGrantError("Code not valid")
            if row["used"]:
                detach_client(db, row["session_id"], client.id)
                raise InvalidGrantError("Code not valid")
            db.execute("UPDATE code SET used = 1 WHERE hash = ?", (row["hash"],))
            if now(db) > row["expires"]:
                raise InvalidGrantError("Code is expired")
        names = ("session_id", "redirect_uri", "scope", "nonce")
        return Code(
            **{name: row[name] for name in names},
            code_challenge=row["challenge"],
            code_challenge_method=row["challenge_method"],
        )

    def authenticate_user(self, authorization_code: Code) -> SignedIn:
        with self.server.provider.store.transaction() as db:
            return _still_signed_in(db, authorization_code.session_id, self.request.client)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It stays, marked as used: whoever comes with it again must be noticed."""


class RefreshGrant(RefreshTokenGrant):
    """Each refresh token is good for one refresh. A second one ends the client's session."""

    TOKEN_ENDPOINT_AUTH_METHODS = _CLIENT_AUTHENTICATION
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken:
        with self.server.provider.store.transaction() as db:
            return use_refresh_token(db, self.request.client, refresh_token)

    def authenticate_user(self, refresh_token: RefreshToken) -> SignedIn:
        with self.server.provider.store.transaction() as db:
            return _still_signed_in(db, refresh_token.session_id, self.request.client)

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        with self.server.provider.store.transaction() as db:
            db.execute("UPDATE refresh_token SET used = 1 WHERE hash = ?", (refresh_token.hash,))


class ServiceGrant(ClientCredentialsGrant):
    """A client's own token."""

    TOKEN_ENDPOINT_AUTH_METHODS = _CLIENT_AUTHENTICATION


class RequiredS256(CodeChallenge):
    """Nobody signs in without a code challenge, and a plain one is none."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar = ["S256"]
    DEFAULT_CODE_CHALLENGE_METHOD = "S256"

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        if not grant.request.payload.data.get("code_challenge_method"):
            raise InvalidRequestError("Missing parameter: code_challenge_method")
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken:
    """How both grants make ID tokens."""

    def generate_user_info(self, user: SignedIn, scope: str) -> dict[str, Any]:
        return person_claims(user.person, scope)

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": "RS256", "typ": "JWT", "kid": self.provider.keys[client.realm].kid}  # type: ignore[attr-defined]

    def resolve_client_private_key(self, client: Client) -> Any:
        return self.provider.keys[client.realm]  # type: ignore[attr-defined]

    def get_compatible_claims(self, request: Any) -> dict[str, Any]:
        provider = self.provider  # type: ignore[attr-defined]
        with provider.store.transaction() as db:
            claims = session_claims(db, provider, request.client, request.user.session)
        return {**claims, "aud": request.client.id, "typ": "ID"}


class IdTokenOfCode(_IdToken, OpenIDCode):
    """With the nonce of the authorization request."""

    def __init__(self, provider: Any) -> None:
        super().__init__(require_nonce=False)
        self.provider = provider

    def exists_nonce(self, _nonce: str, _request: Any) -> bool:
        return False

    def get_authorization_code_claims(self, authorization_code: Code) -> dict[str, str]:
        return {"nonce": authorization_code.nonce} if authorization_code.nonce else {}


class IdTokenOfRefresh(_IdToken, OpenIDToken):
    """Without a nonce; who it is, is read anew."""

    def __init__(self, provider: Any) -> None:
        self.provider = provider


def use_refresh_token(db: sqlite3.Connection, client: Client, value: str) -> RefreshToken:
    """A refresh token that this client may use. InvalidGrantError says why it may not."""
    row = db.execute(
        "SELECT * FROM refresh_token WHERE hash = ? AND realm = ? AND client_id = ?",
        (digest(value), client.realm, client.id),
    ).fetchone()
    if row is None:
        raise InvalidGrantError("Invalid refresh token")
    if row["used"]:
        detach_client(db, row["session_id"], row["client_id"])
        raise InvalidGrantError("Maximum allowed refresh token reuse exceeded")
    if now(db) > row["expires"]:
        raise InvalidGrantError("Token is not active")
    return RefreshToken(**{name: row[name] for name in ("hash", "client_id", "session_id", "scope")})


def new_refresh_token() -> str:
    """Nothing but random: what belongs to it is in the store."""
    return secrets.token_urlsafe(48)


def _still_signed_in(db: sqlite3.Connection, session_id: str, client: Client) -> SignedIn:
    signed_in = find_session(db, session_id)
    if signed_in is None or not is_attached(db, session_id, client.id):
        raise InvalidGrantError("Session not active")
    if signed_in.person.disabled:
        raise InvalidGrantError("User disabled")
    use_session(db, signed_in.session)
    return signed_in
