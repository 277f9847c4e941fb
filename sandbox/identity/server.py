"""Authlib's authorization server of one realm."""

from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc9207 import IssuerParameter

from sandbox.identity.claims import access_token_claims
from sandbox.identity.clients import Client, find_client
from sandbox.identity.grants import (
    CodeGrant,
    IdTokenOfCode,
    IdTokenOfRefresh,
    RefreshGrant,
    RequiredS256,
    ServiceGrant,
    new_refresh_token,
)
from sandbox.identity.keys import sign
from sandbox.identity.logout import EndSession
from sandbox.identity.provider import ACCESS_SECONDS, Provider
from sandbox.identity.realms import REALMS
from sandbox.identity.sessions import SignedIn, digest
from sandbox.identity.store import now


class UnknownClient(OAuth2Error):
    """Keycloak's answer to a client that is unknown, or whose secret is wrong."""

    error = "unauthorized_client"
    description = "Invalid client or Invalid client credentials"
    status_code = 401


class RealmServer(AuthorizationServer):
    """Clients, codes and tokens of `realm` in the provider's store."""

    def __init__(self, provider: Provider, realm: str) -> None:
        super().__init__()
        self.provider = provider
        self.realm = realm
        self.register_token_generator(
            "default", BearerTokenGenerator(self._access_token, self._refresh_token, ACCESS_SECONDS)
        )
        self.register_grant(CodeGrant, [RequiredS256(required=True), IdTokenOfCode(provider)])
        self.register_grant(RefreshGrant, [IdTokenOfRefresh(provider)])
        self.register_grant(ServiceGrant)
        self.register_endpoint(EndSession(self))
        self.issuer_parameter = _Issuer(provider.issuer(realm))
        self.register_extension(self.issuer_parameter)

    def query_client(self, client_id: str) -> Client | None:
        with self.provider.store.transaction() as db:
            return find_client(db, self.realm, client_id)

    def authenticate_client(self, request: Any, methods: list[str], endpoint: str = "token") -> Client:
        try:
            client: Client = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError:
            raise UnknownClient from None
        return client

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Keep the refresh token, and say what Keycloak says besides."""
        token |= {"refresh_expires_in": 0, "not-before-policy": 0}
        if "refresh_token" not in token:
            return
        session, realm = request.user.session, REALMS[self.realm]
        with self.provider.store.transaction() as db:
            at = now(db)
            lasts = min(realm.idle, session.began + realm.longest - at)
            db.execute(
                "INSERT INTO refresh_token (hash, realm, client_id, session_id, scope, expires) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    *(digest(token["refresh_token"]), self.realm, request.client.id, session.id),
                    *(token.get("scope", ""), at + lasts),
                ),
            )
        token |= {"refresh_expires_in": int(lasts), "session_state": session.id}

    def _access_token(self, client: Client, grant_type: str, user: SignedIn | None, scope: str) -> str:
        del grant_type
        with self.provider.store.transaction() as db:
            claims = access_token_claims(db, self.provider, client, user, scope)
        return sign(self.provider.keys, self.realm, claims)

    def _refresh_token(self, **_: Any) -> str:
        return new_refresh_token()


class _Issuer(IssuerParameter):
    """Every answer at a redirect address says whose it is."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer
