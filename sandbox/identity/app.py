"""The identity provider as a WSGI application, its outbox running beside it."""

from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from sandbox.identity import control, logout, minting, openid_api, pages, registration, sign_in
from sandbox.identity.clients import save_client, service_client, sign_in_client
from sandbox.identity.keys import load_keys
from sandbox.identity.outbox import start_outbox
from sandbox.identity.people import load_people
from sandbox.identity.provider import Provider
from sandbox.identity.realms import REALMS
from sandbox.identity.server import RealmServer
from sandbox.identity.store import Store


@dataclass(frozen=True)
class Settings:
    """`sign_in_secrets`: by realm. Without `platform_url` the sign-in clients have no addresses yet."""

    port: int
    state: Path
    client_id: str
    client_secret: str = field(repr=False)
    sign_in_client_id: str
    sign_in_secrets: dict[str, str] = field(repr=False)
    people: Path
    platform_url: str | None = None
    smtp_port: int | None = None


def create_app(settings: Settings) -> Flask:
    """Build it with its state in the folder: identity.sqlite3 holds keys, people, clients and sessions."""
    store = Store(settings.state / "identity.sqlite3")
    with store.transaction() as db:
        keys = load_keys(db)
        load_people(db, settings.people)
        save_client(db, service_client(settings.client_id, settings.client_secret))
        for realm, secret in settings.sign_in_secrets.items():
            save_client(db, sign_in_client(realm, settings.sign_in_client_id, secret, settings.platform_url))
    provider = Provider(
        store=store,
        base_url=f"http://127.0.0.1:{settings.port}",
        keys=keys,
        service_client=settings.client_id,
        smtp_port=settings.smtp_port,
    )
    provider.servers = {realm: RealmServer(provider, realm) for realm in REALMS}
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider has it
    app.extensions["identity"] = provider
    for module in (openid_api, sign_in, registration, logout, minting, control, pages):
        app.register_blueprint(module.views)
    start_outbox(provider)
    return app
