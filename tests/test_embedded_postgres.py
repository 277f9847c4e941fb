"""The private PostgreSQL starts after whatever may have happened before."""

import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest

from app import embedded_postgres
from app.embedded_postgres import EmbeddedPostgresError


@pytest.fixture
def folder():
    # Not in tmp_path: root's server runs as another user, and pytest shuts others out of its folders.
    with tempfile.TemporaryDirectory(prefix="vcp-postgres-") as made:
        yield Path(made) / "postgres"
        embedded_postgres.stop(Path(made) / "postgres")


def one(server) -> int:
    with psycopg.connect(server.get_uri()) as connection:
        [answer] = connection.execute("SELECT 1").fetchone()
    return answer


def test_it_starts_answers_and_stops(folder, monkeypatch):
    monkeypatch.setenv("LC_ALL", "xx_YY.UTF-8")  # a locale that no machine has
    server = embedded_postgres.start(folder, at_exit=None)
    assert one(server) == 1
    process = embedded_postgres._server_of(folder)
    embedded_postgres.stop(folder)
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert not (folder / "postmaster.pid").exists()


def test_half_a_database_is_made_anew(folder):
    folder.mkdir()
    (folder / "PG_VERSION").write_text("18\n")
    folder.with_name("postgres.unfinished").touch()
    assert one(embedded_postgres.start(folder, at_exit=None)) == 1
    assert not folder.with_name("postgres.unfinished").exists()


def test_a_whole_database_is_kept(folder):
    server = embedded_postgres.start(folder, at_exit=None)
    with psycopg.connect(server.get_uri()) as connection:
        connection.execute("CREATE TABLE kept ()")
    embedded_postgres.stop(folder)
    # After a crash of the machine its number belongs to another program, this one for instance.
    (folder / "postmaster.pid").write_text(
        f"{psutil.Process().pid}\n{folder}\n0\n5432\n{folder}\n\n\nready\n"
    )
    del type(server)._instances[folder.resolve()]  # as in a new process; the run's own server stays known
    with psycopg.connect(embedded_postgres.start(folder, at_exit=None).get_uri()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_folder_with_a_blank_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(EmbeddedPostgresError, match="VAR_DIR"):
        embedded_postgres.start(tmp_path / "my data" / "postgres")
