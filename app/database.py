"""Connections: the PostgreSQL of DATABASE_URL, or a private one under VAR_DIR when it is not set."""

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from app import embedded_postgres
from app.settings import Settings


def database_url(settings: Settings) -> str:
    """A libpq address. Starts the embedded PostgreSQL if that is the one to use.

    The embedded server stops when the last process that asked for it ends.
    """
    if settings.database_url:
        return settings.database_url
    return embedded_postgres.start(settings.var_dir / "postgres").get_uri()


def make_engine(url: str) -> Engine:
    """An engine on psycopg 3. Sessions read what is committed; every act locks what it changes."""
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        connect_args={"application_name": "vcp"},
        # Values stay out of error messages, and so out of the logs: some of them open an order.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def tell_times_in_utc(connection: psycopg.Connection, _: object) -> None:
        # Else they come in the server's own zone, and what is made of them would say another day.
        connection.execute("SET TIME ZONE 'UTC'")
        connection.commit()

    return engine


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after a commit: pages are rendered from them."""
    return sessionmaker(engine, expire_on_commit=False)
