"""What the identity provider knows, in one SQLite file that outlives the process."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class Store:
    """One connection behind one lock: every request is a transaction of its own, one after the other."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        schema = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
        self._connection.executescript(schema)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; nobody else reads or writes meanwhile. Never sleep or call out inside.

        Inside another of the same thread it is a part of that one: Authlib calls back for single rows.
        """
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def now(db: sqlite3.Connection) -> float:
    """Seconds since 1970 on the provider's own clock, which a test can put forward."""
    row = db.execute("SELECT value FROM setting WHERE name = 'clock'").fetchone()
    return time.time() + (float(row["value"]) if row else 0.0)
