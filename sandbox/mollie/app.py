"""The gateway as a WSGI application, its outbox running beside it."""

from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from sandbox.mollie import api, control, pages
from sandbox.mollie.gateway import SCHEMA, Gateway
from sandbox.mollie.organisations import load_organisations
from sandbox.mollie.outbox import start_outbox
from sandbox.stripe.store import Store


@dataclass(frozen=True)
class Options:
    """`merchants`: a seed file with sellers."""

    port: int
    state: Path
    merchants: Path | None = None
    delayed_seconds: float = 20.0
    late_seconds: float = 20.0


def create_app(options: Options) -> Flask:
    """Build it with its state in the folder `state`: gateway.db."""
    gateway = Gateway(
        store=Store(options.state / "gateway.db", SCHEMA),
        base_url=f"http://127.0.0.1:{options.port}",
        delayed_seconds=options.delayed_seconds,
        late_seconds=options.late_seconds,
    )
    if options.merchants is not None:
        with gateway.store.transaction() as db:
            load_organisations(db, options.merchants)
    app = Flask(__name__, static_folder=None)  # the pages bring their own
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider has it
    app.extensions["mollie"] = gateway
    for module in (api, control, pages):
        app.register_blueprint(module.views)
    start_outbox(gateway)
    return app
