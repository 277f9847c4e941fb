"""The pretend registry as a WSGI application, and the threads that work beside it."""

import logging
import threading
import time

from flask import Flask

from sandbox.registry.api import register_api
from sandbox.registry.control import pages as control_pages
from sandbox.registry.events import Sender
from sandbox.registry.index import pages as index_pages
from sandbox.registry.operations import Registry, settle_due
from sandbox.registry.problems import register_problems
from sandbox.registry.seed.load import load_seed
from sandbox.registry.settings import Settings
from sandbox.registry.store import Store
from sandbox.registry.tokens import TokenCheck

SECONDS_BETWEEN_TICKS = 0.2


def build(settings: Settings) -> Flask:
    """The running registry: application, clock and sender of events."""
    store = Store(settings.state)
    if settings.seed:
        load_seed(store)
    registry = Registry(store, TokenCheck(settings.issuer, settings.audience, settings.service_client))
    threading.Thread(target=_tick, args=(store,), name="clock", daemon=True).start()
    if settings.platform_webhook:
        registry.sender = Sender(store, settings.platform_webhook, settings.event_secret)
        registry.sender.start()
    return create_app(registry)


def create_app(registry: Registry) -> Flask:
    app = Flask(__name__)
    app.extensions["registry"] = registry
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the contract's order reads better
    register_problems(app)
    register_api(app)
    app.register_blueprint(control_pages)
    app.register_blueprint(index_pages)
    return app


def _tick(store: Store) -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_TICKS)
        try:
            settle_due(store)
        except Exception:
            # The clock must go on: the next call settles what is due, or shows the same error to its caller.
            logging.getLogger("sandbox.registry").exception("the clock stumbled")
