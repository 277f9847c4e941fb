"""The gateway as a WSGI application, its outbox running beside it."""

from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from sandbox.stripe import checkout_api, connect_api, control, pages, payments_api, webhooks_api
from sandbox.stripe.accounts import add_platform, load_accounts
from sandbox.stripe.gateway import Gateway
from sandbox.stripe.outbox import start_outbox
from sandbox.stripe.store import Store


@dataclass(frozen=True)
class Options:
    """`merchants`: a seed file with sellers. `platform_key`: acts for connected ones, `connect_webhook` hears of them."""

    port: int
    state: Path
    merchants: Path | None = None
    platform_key: str | None = None
    connect_webhook: str | None = None
    connect_secret: str | None = None
    delayed_seconds: float = 20.0
    late_seconds: float = 20.0


def create_app(options: Options) -> Flask:
    """Build it with its state in the folder `state`: gateway.db."""
    gateway = Gateway(
        store=Store(options.state / "gateway.db"),
        base_url=f"http://127.0.0.1:{options.port}",
        delayed_seconds=options.delayed_seconds,
        late_seconds=options.late_seconds,
    )
    with gateway.store.transaction() as db:
        if options.merchants is not None:
            load_accounts(db, options.merchants)
        if options.platform_key is not None:
            add_platform(db, options.platform_key, options.connect_webhook, options.connect_secret)
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider has it
    app.extensions["stripe"] = gateway
    for module in (checkout_api, payments_api, webhooks_api, connect_api, control, pages):
        app.register_blueprint(module.views)
    start_outbox(gateway)
    return app
