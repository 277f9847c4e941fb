"""Making, emptying and dropping the databases of tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

# What a test may have changed beside rows: then its database is not used again.
_SHAPE = """
    SELECT md5(string_agg(format('%s %s %s %s', relname, relkind, relnatts, relhastriggers), ',' ORDER BY relname))
           || (SELECT string_agg(version_num, ',') FROM alembic_version)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
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


def empty_database(postgres: URL, name: str, shape: str) -> bool:
    """Remove every row. False, with nothing done, when the test has changed more than rows."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    with administer(postgres) as connection:
        connection.execute(text(others), {"name": name})
    if shape_of(postgres, name) != shape:
        return False
    with administer(postgres.set(database=name)) as connection:
        # As a replica does: the triggers that refuse to forget facts, and foreign keys, keep still.
        connection.execute(text("SET session_replication_role = replica"))
        connection.exec_driver_sql(connection.execute(text(_TABLES)).scalar_one())
    return True


@contextmanager
def copy_database(postgres: URL, template: str) -> Iterator[str]:
    """A new database made from another, for as long as the block runs."""
    name = new_database(postgres, template)
    yield name
    drop_database(postgres, name)
