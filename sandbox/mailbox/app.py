"""The mailbox as a WSGI application, its SMTP side running beside it."""

from pathlib import Path

from flask import Flask

from sandbox.mailbox import pages
from sandbox.mailbox.smtp import start_smtp
from sandbox.mailbox.store import Store


def create_app(smtp_port: int, state: Path) -> Flask:
    """Build it with its mails in the folder `state`."""
    app = Flask(__name__)
    store = Store(state / "mailbox.db")
    app.extensions["mailbox"] = store
    app.register_blueprint(pages.views)
    start_smtp(store, smtp_port)
    return app
