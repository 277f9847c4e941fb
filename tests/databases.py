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
    SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
Rows = dict[str, bytes]  # table → its rows as COPY writes them; without tables that have none


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


def rows_of(postgres: URL, name: str) -> Rows:
    """Every row of a database, for `Database.rows`."""
    found = {}
    with (
        psycopg.connect(address_of(postgres.set(database=name))) as connection,
        connection.cursor() as cursor,
    ):
        for (table,) in cursor.execute(_TABLES).fetchall():
            with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                found[table] = b"".join(copy)
    return {table: rows for table, rows in found.items() if rows}


@dataclass
class Database:
    """A database that tests get one after the other, put back in between; copying the template takes much longer.

    So does all that an engine finds out anew: how its statements are written, what server it talks to.
    """

    postgres: URL
    name: str
    shape: str  # what it looks like while no test has changed more than rows
    rows: Rows = field(default_factory=dict)  # that it had in the beginning
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

    def restore(self) -> bool:
        """Bring it back to its first rows. False, with nothing done, when the test has changed more than rows or holds on to it."""
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
                delete = ";".join(f"DELETE FROM {table}" for (table,) in cursor.fetchall())
                # As a replica does: the triggers that refuse to forget facts, and foreign keys, keep still.
                cursor.execute(f"SET LOCAL session_replication_role = replica; {delete}", prepare=False)
                for table, rows in self.rows.items():
                    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                        copy.write(rows)
            except psycopg.Error:
                return False
            kept.commit()
        return True


@dataclass
class Databases:
    """Copies of one template, each lent to one test after the other."""

    postgres: URL
    template: str
    shape: str
    rows: Rows = field(default_factory=dict)
    spare: list[Database] = field(default_factory=list)

    @contextmanager
    def lend(self) -> Iterator[Database]:
        """A database that looks as the template does, for as long as the block runs."""
        if self.spare:
            lent = self.spare.pop()
        else:
            name = new_database(self.postgres, self.template)
            lent = Database(self.postgres, name, self.shape, self.rows)
        yield lent
        if lent.restore():
            self.spare.append(lent)
        else:
            lent.drop()

    def drop(self) -> None:
        """Away with those that nobody has."""
        for database in self.spare:
            database.drop()


@contextmanager
def copy_database(postgres: URL, template: str) -> Iterator[str]:
    """A new database made from another, for as long as the block runs."""
    name = new_database(postgres, template)
    yield name
    drop_database(postgres, name)
