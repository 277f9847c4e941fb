"""The bank as a WSGI application."""

from pathlib import Path

from flask import Flask

from sandbox.bank import pages
from sandbox.bank.store import Store, read_accounts


def create_app(state: Path, accounts: Path) -> Flask:
    """Build it with its movements in the folder `state` and the accounts of a seed file."""
    app = Flask(__name__)
    app.extensions["bank"] = Store(state / "bank.db", read_accounts(accounts))
    app.register_blueprint(pages.views)
    return app
