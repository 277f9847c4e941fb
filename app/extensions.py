"""What create_app() fills in: extensions, the request's database session, the neighbours."""

from datetime import UTC, datetime
from typing import cast

from flask import Flask, current_app, g
from flask_htmx import HTMX
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from sqlalchemy.orm import Session

from app.shells.works import Works
from app.wiring import Neighbours

csrf = CSRFProtect()
htmx = HTMX()
limiter = Limiter(get_remote_address, storage_uri="memory://", default_limits=[])


def init_app(app: Flask) -> None:
    csrf.init_app(app)
    htmx.init_app(app)
    limiter.init_app(app)

    @app.teardown_appcontext
    def close_sessions(_: BaseException | None) -> None:
        for name in ("database", "reading"):
            if (session := g.pop(name, None)) is not None:
                session.close()


def database() -> Session:
    """The request's session. Views commit; whatever they leave uncommitted is rolled back."""
    if "database" not in g:
        g.database = works().sessions()
    return cast("Session", g.database)


def reading() -> Session:
    """The request's session for what only reads, such as the catalogue: every statement is a transaction of its own.

    A transaction that ends without a commit makes psycopg forget the statements that it has prepared, and
    to plan the catalogue's anew takes longer than to run them.
    """
    if "reading" not in g:
        g.reading = current_app.extensions["vcp_reading"]()
    return cast("Session", g.reading)


def neighbours() -> Neighbours:
    """The outside systems of this application."""
    return works().neighbours


def works() -> Works:
    """What a shell works with, when a page has to call a neighbour itself."""
    return cast("Works", current_app.extensions["vcp_works"])


def now() -> datetime:
    """The time, UTC. The domain never looks at a clock: it is told."""
    return datetime.now(UTC)
