"""The rules never commit: their tests share one database, and what each of them does is rolled back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from app.database import make_engine
from tests.databases import address_of, copy_database


@pytest.fixture(scope="session")
def shared_engine(postgres: URL, template_database: str) -> Iterator[Engine]:
    """A database for the tests that leave nothing behind."""
    with copy_database(postgres, template_database) as name:
        made = make_engine(address_of(postgres.set(database=name)))
        yield made
        made.dispose()


@pytest.fixture
def session(shared_engine: Engine) -> Iterator[Session]:
    """A session whose commits, too, are gone in the end."""
    with (
        shared_engine.connect() as connection,
        connection.begin() as everything,
        Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as made,
    ):
        yield made
        made.close()
        everything.rollback()
