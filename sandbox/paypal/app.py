"""The gateway as a WSGI application, its outbox running beside it."""

from pathlib import Path

from flask import Flask

from sandbox.paypal import (
    checkout_api,
    control,
    control_accounts,
    disputes_api,
    oauth,
    pages,
    partners_api,
    payments_api,
    webhooks_api,
)
from sandbox.paypal.gateway import Gateway
from sandbox.paypal.merchants import load_merchants
from sandbox.paypal.outbox import start_outbox
from sandbox.paypal.partners import add_platform
from sandbox.paypal.signing import Signer
from sandbox.paypal.store import Json, Store


def create_app(
    port: int,
    state: Path,
    merchants: Path | None = None,
    platform_webhook: str | None = None,
    echeck_seconds: float = 20.0,
    late_seconds: float = 20.0,
    platform: Json | None = None,
) -> Flask:
    """Build it with its state in the folder `state`: gateway.db, ca.pem and the signing key."""
    gateway = Gateway(
        store=Store(state / "gateway.db"),
        base_url=f"http://127.0.0.1:{port}",
        signer=Signer(state),
        echeck_seconds=echeck_seconds,
        late_seconds=late_seconds,
    )
    if merchants is not None:
        with gateway.store.transaction() as db:
            load_merchants(db, merchants, platform_webhook)
    if platform is not None:
        with gateway.store.transaction() as db:
            add_platform(db, platform)
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider has it
    app.extensions["paypal"] = gateway
    apis = (oauth, checkout_api, payments_api, webhooks_api, disputes_api, partners_api)
    for module in (*apis, control, control_accounts, pages):
        app.register_blueprint(module.views)
    start_outbox(gateway)
    return app
