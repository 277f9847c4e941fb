"""What a pretend neighbour knows, in one SQLite file that outlives the process."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class Store:
    """One connection behind one lock: every transaction is alone, one after the other. `schema` may be run again."""

    def __init__(self, file: Path, schema: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(file, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(schema)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; nobody else reads or writes meanwhile. Never sleep or call out inside."""
        with self._lock, self._connection:
            yield self._connection


def now(db: sqlite3.Connection) -> float:
    """Seconds since 1970 on the neighbour's own clock (its table `setting`), which a test can put forward."""
    row = db.execute("SELECT value FROM setting WHERE name = 'clock'").fetchone()
    return time.time() + (float(row["value"]) if row else 0.0)


def load(row: sqlite3.Row) -> Json:
    """The JSON body of a row."""
    body: Json = json.loads(row["body"])
    return body
