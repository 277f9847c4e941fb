"""The applications that a realm knows, as Authlib asks about them."""

import hmac
import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin

from sandbox.identity.realms import REALMS, SERVICE_SCOPES


@dataclass(frozen=True)
class Client(ClientMixin):
    """`service`: it has tokens of its own and signs nobody in. `scopes`: all that it may ask for."""

    realm: str
    id: str
    secret: str = field(repr=False)
    service: bool
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    backchannel_logout_uri: str | None
    scopes: tuple[str, ...]

    @property
    def client_metadata(self) -> dict[str, Any]:
        return {"post_logout_redirect_uris": self.post_logout_redirect_uris}

    def get_client_id(self) -> str:
        return self.id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What was asked for; all of it for a service that asks for nothing; None when it is too much."""
        wanted = (scope or "").split() or (list(self.scopes) if self.service else [])
        return " ".join(wanted) if set(wanted) <= set(self.scopes) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(client_secret.encode(), self.secret.encode())

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and not self.service

    def check_grant_type(self, grant_type: str) -> bool:
        own = ("client_credentials",) if self.service else ("authorization_code", "refresh_token")
        return grant_type in own


def service_client(client_id: str, secret: str) -> Client:
    """The platform itself, at the registry."""
    return Client(
        realm="registry",
        id=client_id,
        secret=secret,
        service=True,
        redirect_uris=(),
        post_logout_redirect_uris=(),
        backchannel_logout_uri=None,
        scopes=SERVICE_SCOPES,
    )


def sign_in_client(realm: str, client_id: str, secret: str, platform_url: str | None) -> Client:
    """The platform as people sign in at it; without `platform_url` nobody can be sent back yet."""
    pages = f"{platform_url.rstrip('/')}/sign-in/{realm}" if platform_url else None
    return Client(
        realm=realm,
        id=client_id,
        secret=secret,
        service=False,
        redirect_uris=(f"{pages}/back",) if pages else (),
        post_logout_redirect_uris=(f"{(platform_url or '').rstrip('/')}/signed-out",) if pages else (),
        backchannel_logout_uri=f"{pages}/back-channel-logout" if pages else None,
        scopes=REALMS[realm].scopes,
    )


_LISTS = ("redirect_uris", "post_logout_redirect_uris", "scopes")


def save_client(db: sqlite3.Connection, client: Client) -> None:
    """Add or replace."""
    lists = {name: json.dumps(getattr(client, name)) for name in _LISTS}
    db.execute(
        "INSERT OR REPLACE INTO client (realm, id, secret, service, redirect_uris, post_logout_redirect_uris, "
        "backchannel_logout_uri, scopes) VALUES (:realm, :id, :secret, :service, :redirect_uris, "
        ":post_logout_redirect_uris, :backchannel_logout_uri, :scopes)",
        {**vars(client), **lists},
    )


def find_client(db: sqlite3.Connection, realm: str, client_id: str) -> Client | None:
    """The client of that name."""
    row = db.execute("SELECT * FROM client WHERE realm = ? AND id = ?", (realm, client_id)).fetchone()
    return _client(row) if row else None


def list_clients(db: sqlite3.Connection) -> list[Client]:
    """All of both realms."""
    return [_client(row) for row in db.execute("SELECT * FROM client ORDER BY realm, id")]


def _client(row: sqlite3.Row) -> Client:
    values = {**dict(row), **{name: tuple(json.loads(row[name])) for name in _LISTS}}
    return Client(**{**values, "service": bool(row["service"])})
