"""Runs migrations on the connection handed in, or on the database of the settings."""

from alembic import context
from sqlalchemy import text

from app.database import database_url, make_engine
from app.domain.models import Base
from app.settings import load_settings


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tables of the job queue are not ours to compare."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run_on(connection)
        return
    with make_engine(database_url(load_settings())).begin() as own:
        _run_on(own)


def _run_on(connection) -> None:
    # Two machines that start together: the second waits, then finds nothing left to do.
    connection.execute(text("SELECT pg_advisory_xact_lock(6400)"))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=ours,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
