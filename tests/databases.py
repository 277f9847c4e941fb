"""Making, emptying and dropping the databases of tests."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from app.database import make_engine

# What a test may have changed beside rows: then its database is not used again.
_SHAPE = """
    SELECT md5(string_agg(format('%s %s %s %s', relname, relkind, relnatts, relhastriggers), ',' ORDER BY relname))
           || (SELECT string_agg(version_num, ',') FROM alembic_version)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""
_END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = """
    SELECT string_agg(format('DELETE FROM %I', tablename), ';')
    FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""


def address_of(url: URL) -> str:
    """A libpq address."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def administer(url: URL) -> Connection:
    """A connection outside any transaction."""
    return create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect()


def new_database(postgres: URL, template: str) -> str:
    """The name of a new database made from another."""
    name = f"test_{uuid4().hex[:12]}"
    with administer(postgres) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    return name


def drop_database(postgres: URL, name: str) -> None:
    """Away with it, whoever is still connected."""
    with administer(postgres) as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def shape_of(postgres: URL, name: str) -> str:
    """Tables, indexes and revision, as a text to compare; empty where there is not even a revision."""
    with administer(postgres.set(database=name)) as connection:
        try:
            return str(connection.execute(text(_SHAPE)).scalar_one())
        except ProgrammingError:
            return ""


@dataclass
class Database:
    """A database that tests get one after the other, emptied in between; copying the template takes much longer.

    So does all that an engine finds out anew: how its statements are written, what server it talks to.
    """

    postgres: URL
    name: str
    shape: str  # what it looks like while no test has changed more than rows
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = make_engine(self.address)

    @property
    def address(self) -> str:
        """A libpq address."""
        return address_of(self.postgres.set(database=self.name))

    def drop(self) -> None:
        """Away with it, whoever is still connected."""
        self.engine.dispose()
        drop_database(self.postgres, self.name)

    def empty(self) -> bool:
        """Remove every row. False, with nothing done, when the test has changed more than rows or holds on to it."""
        pool = self.engine.pool
        if pool.checkedout():  # type: ignore[attr-defined] (this kind of pool counts)
            return False
        idle = pool.checkedin()  # type: ignore[attr-defined]
        # One that was in use just now, if there is any, knows the tables; all others end.
        kept, *others = [self.engine.raw_connection() for _ in range(max(idle, 1))]
        for other in others:
            other.invalidate()
        with closing(kept), kept.cursor() as cursor:
            try:
                cursor.execute(_END_OTHERS)
                cursor.execute(_SHAPE)
                if cursor.fetchall() != [(self.shape,)]:
                    return False
                cursor.execute(_TABLES)
                ((delete,),) = cursor.fetchall()
                # As a replica does: the triggers that refuse to forget facts, and foreign keys, keep still.
                cursor.execute(f"SET LOCAL session_replication_role = replica; {delete}", prepare=False)
            except psycopg.Error:
                return False
            kept.commit()
        return True


@contextmanager
def copy_database(postgres: URL, template: str) -> Iterator[str]:
    """A new database made from another, for as long as the block runs."""
    name = new_database(postgres, template)
    yield name
    drop_database(postgres, name)
