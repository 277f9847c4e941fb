"""Connections: the PostgreSQL of DATABASE_URL, or a private one under VAR_DIR when it is not set."""

import time

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from app import embedded_postgres
from app.settings import Settings

# Of idleness, after which a connection is asked whether it still lives. To ask at every use (`pool_pre_ping`) would
# take as long again as many a page's queries.
_TRUSTED = 5.0


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
        pool_size=10,
        max_overflow=10,
        pool_use_lifo=True,  # the connection used last has its statements prepared and its catalogues read
        connect_args={"application_name": "vcp"},
        # Values stay out of error messages, and so out of the logs: some of them open an order.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def tell_times_in_utc(connection: psycopg.Connection, _: object) -> None:
        # Else they come in the server's own zone, and what is made of them would say another day.
        connection.execute("SET TIME ZONE 'UTC'")
        connection.commit()

    @event.listens_for(engine, "checkin")
    def remember_when(_: object, record: ConnectionPoolEntry) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask_whether_it_lives(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get("used", time.monotonic()) < _TRUSTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except psycopg.Error as error:
            raise DisconnectionError from error  # the pool then opens another

    return engine


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after a commit: pages are rendered from them."""
    return sessionmaker(engine, expire_on_commit=False)


def make_reading_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions of which every statement is a transaction of its own, for what only reads."""
    return make_sessions(engine.execution_options(isolation_level="AUTOCOMMIT"))
