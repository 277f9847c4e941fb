"""The database refuses what must never happen, whatever the code says."""

from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app import database
from app.database import make_reading_sessions
from app.domain.models import Base


def test_migrations_make_exactly_the_tables_of_the_models(engine: Engine) -> None:
    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and name is not None and name.startswith("procrastinate_"))

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": ours})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("table", ["audit_event", "payment_entry", "cancelled_range"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = DEFAULT", "TRUNCATE {} CASCADE"])
def test_facts_cannot_be_changed_or_removed(engine: Engine, table: str, statement: str) -> None:
    with engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement.format(table)))


def test_times_come_in_utc_wherever_the_server_is(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {engine.url.database} SET TimeZone = 'Pacific/Kiritimati'"))
    engine.dispose()
    with engine.connect() as connection:
        [moment] = connection.execute(text("SELECT now()")).scalars()
        assert moment.utcoffset() == timedelta(0)


def test_what_an_error_says_holds_no_values(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError) as error:
        connection.execute(text("SELECT 1 / (length(:token) - length(:token))"), {"token": "of-an-order"})
    assert "of-an-order" not in str(error.value)


def test_a_connection_that_died_while_idle_is_replaced(engine: Engine, monkeypatch) -> None:
    monkeypatch.setattr(database, "_TRUSTED", 0)
    with engine.connect() as kept, engine.connect() as other:
        mine = (
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        died = kept.execute(text(mine)).scalars().all()
        assert len(died) == 1
        other.commit()
    with engine.connect() as one:
        one.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({mine}) AS others"))
        with engine.connect() as another:
            assert another.execute(text("SELECT pg_backend_pid()")).scalar_one() not in died


def test_what_only_reads_keeps_its_statements_prepared(engine: Engine) -> None:
    reading = make_reading_sessions(engine)
    for _ in range(6):  # psycopg prepares what it has seen five times
        with reading() as session:
            session.execute(text("SELECT 'the catalogue'"))
    with reading() as session:
        prepared = session.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
    assert "SELECT 'the catalogue'" in prepared
