"""The SQLite file: one connection per use, readers never wait for a writer, writers wait for each other."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql")


def stamp(moment: datetime) -> str:
    """A time as the books hold it: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now() -> str:
    return stamp(datetime.now(UTC))


class Store:
    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / "registry.sqlite3"
        self.changed = threading.Event()  # set after every commit: there may be events to send
        with self._connection() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(SCHEMA.read_text(encoding="utf-8"))

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA foreign_keys = ON")
            # In WAL mode a killed process loses nothing; only a power cut could lose the last commits.
            db.execute("PRAGMA synchronous = NORMAL")
            yield db
        finally:
            db.close()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One consistent view of the books."""
        with self._connection() as db:
            db.execute("BEGIN")
            yield db
            db.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction that commits at the end, or leaves nothing behind after an exception."""
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
        self.changed.set()


def next_change(db: sqlite3.Connection) -> tuple[int, str]:
    """The number and the time of a change that is being written. Neither ever goes back."""
    row = db.execute(
        "UPDATE counter SET value = value + 1, at = MAX(at, ?) WHERE name = 'change' RETURNING value, at",
        (now(),),
    ).fetchone()
    return row["value"], row["at"]


def next_number(db: sqlite3.Connection, name: str) -> int:
    """The next number of a series (`cancellation`, `mandate`), never given twice."""
    row = db.execute(
        "UPDATE counter SET value = value + 1 WHERE name = ? RETURNING value", (name,)
    ).fetchone()
    return int(row["value"])
