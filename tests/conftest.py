"""Fixtures for every test: a real PostgreSQL, a fresh database each, settings that lead nowhere."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session, sessionmaker

from app import embedded_postgres
from app.database import make_engine, make_sessions
from app.domain.payments.methods import BY_SERVICE
from app.migrate import migrate
from app.settings import Settings
from app.shells.works import Works
from tests.databases import (
    Database,
    Databases,
    address_of,
    administer,
    copy_database,
    rows_of,
    shape_of,
)
from tests.keycloak import keycloak, pytest_collection_finish, pytest_unconfigure  # noqa: F401 - found by name
from tests.once import (  # noqa: F401 - found by name
    addresses_read_once,
    authorities_read_once,
    little_to_collect,
    run_folder,
    templates_compiled_once,
)
from tests.spread import (  # noqa: F401 - found by name
    pytest_collection_modifyitems,
    pytest_xdist_auto_num_workers,
    pytest_xdist_make_scheduler,
)
from tests.town import Town, build_works, close_clients, close_works, open_shop, raise_town


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[URL]:
    """One server for the whole run, shared by the parallel workers; it goes with the last of them."""
    folder = Path(tempfile.gettempdir()) / f"vcp-tests-{testrun_uid}"
    server = embedded_postgres.start(folder, at_exit="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    with administer(url) as connection:
        # Nobody needs a test's data after a power cut.
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("ALTER SYSTEM SET synchronous_commit = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    yield url
    server.cleanup()


@pytest.fixture(scope="session")
def template_database(postgres: URL) -> Iterator[str]:
    """A migrated database that every test's own is copied from."""
    name = f"template_{uuid4().hex[:12]}"
    with administer(postgres) as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = make_engine(address_of(postgres.set(database=name)))
    migrate(engine)
    engine.dispose()
    yield name
    with administer(postgres) as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def databases(postgres: URL, template_database: str) -> Iterator[Databases]:
    """Migrated and empty ones."""
    made = Databases(postgres, template_database, shape_of(postgres, template_database))
    yield made
    made.drop()


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """A database of one's own, migrated and empty."""
    with databases.lend() as lent:
        yield lent


@pytest.fixture
def database_address(database: Database) -> str:
    """The address of that database."""
    return database.address


@pytest.fixture
def engine(database: Database) -> Engine:
    """What the test listens for on it ends with the test."""
    return database.engine.execution_options()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return make_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as made:
        yield made


@pytest.fixture
def settings(database_address: str, tmp_path: Path) -> Settings:
    """Complete settings whose neighbours do not exist: a call that was not meant fails at once."""
    return lonely_settings(database_address, tmp_path)


def lonely_settings(database_address: str, folder: Path) -> Settings:
    """Settings of a platform without neighbours, on this database."""
    return Settings(
        secret_key="a secret for tests only, long enough for anything",
        public_url="http://127.0.0.1:8000",
        registry_url="http://127.0.0.1:1/no-registry-in-this-test",
        registry_token_url="http://127.0.0.1:1/no-tokens-in-this-test",
        registry_client_id="vcp-service",
        registry_client_secret="registry-secret-of-the-tests",
        registry_event_secret="event-secret-of-the-tests",
        public_realm_url="http://127.0.0.1:1/realms/public",
        public_realm_client_id="vcp",
        public_realm_client_secret="public-realm-secret-of-the-tests",
        registry_realm_url="http://127.0.0.1:1/realms/registry",
        registry_realm_client_id="vcp",
        registry_realm_client_secret="registry-realm-secret-of-the-tests",
        api_urls={code: f"http://127.0.0.1:1/no-{code}-in-this-test" for code in BY_SERVICE},
        mail_url="smtp://127.0.0.1:1",
        database_url=database_address,
        var_dir=folder / "var",
    )


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """All sandbox neighbours, as processes of their own, for this test worker."""
    yield from raise_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="session")
def shop_databases(
    town: Town, postgres: URL, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Databases]:
    """Databases with the town's catalogue read and its providers on sale."""
    with copy_database(postgres, databases.template) as name:
        folder = tmp_path_factory.mktemp("shop")
        works = build_works(town.settings(lonely_settings(address_of(postgres.set(database=name)), folder)))
        open_shop(works)
        close_works(works)
        made = Databases(postgres, name, databases.shape, rows_of(postgres, name))
        yield made
        made.drop()


@pytest.fixture
def shop(town: Town, shop_databases: Databases, tmp_path: Path) -> Iterator[Works]:
    """The platform beside the town, its catalogue read and its providers on sale."""
    with shop_databases.lend() as database:
        settings = town.settings(lonely_settings(database.address, tmp_path))
        works = build_works(settings, database.engine.execution_options())
        yield works
        town.clear_faults()
        close_clients(works)
