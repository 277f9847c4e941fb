"""For machines: is the process up, and can it serve?"""

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import database, limiter, neighbours
from app.integrations.errors import NeighbourError
from app.migrate import newest_revision

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 while the process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@limiter.limit("60 per minute")
def readyz() -> tuple[Response, int]:
    """200 when pages can be served: the database is there and migrated.

    A registry that does not answer makes it `degraded`, not unready: people can browse and order, and
    what is paid waits for the registry.
    """
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 (only here is it needed)

    try:
        found = MigrationContext.configure(database().connection()).get_current_revision()
    except SQLAlchemyError:
        return jsonify(status="unready", database="away", migrations="unknown", registry="unknown"), 503
    if found != newest_revision():
        return jsonify(status="unready", database="ok", migrations="behind", registry="unknown"), 503
    database().rollback()  # no transaction stays open while the registry is asked
    try:
        registry = neighbours().registry.health().status
    except NeighbourError:
        registry = "degraded"
    status = "ok" if registry == "ok" else "degraded"
    return jsonify(status=status, database="ok", migrations="ok", registry=registry), 200
