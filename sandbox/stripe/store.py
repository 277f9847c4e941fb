"""What the gateway knows, in one SQLite file that outlives the process."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS account (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, livemode INTEGER NOT NULL, connected INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS api_key (
    secret TEXT PRIMARY KEY, account_id TEXT NOT NULL, permissions TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS object (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, account_id TEXT NOT NULL, session_id TEXT, body TEXT NOT NULL,
    forgotten INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS object_session ON object (session_id, kind);
CREATE TABLE IF NOT EXISTS scenario (session_id TEXT PRIMARY KEY, code TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen_request (
    account_id TEXT NOT NULL, key TEXT NOT NULL, asked TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    at REAL NOT NULL, PRIMARY KEY (account_id, key));
CREATE TABLE IF NOT EXISTS endpoint (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, url TEXT NOT NULL, secret TEXT NOT NULL, connect INTEGER NOT NULL,
    body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, session_id TEXT, body TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, endpoint_id TEXT NOT NULL, due REAL NOT NULL,
    forged INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, status TEXT);
CREATE TABLE IF NOT EXISTS task (id INTEGER PRIMARY KEY, due REAL NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, operation TEXT NOT NULL, kind TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, operation TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    account_id TEXT, headers TEXT NOT NULL, body TEXT NOT NULL, status INTEGER NOT NULL, fault TEXT);
"""


class Store:
    """One connection behind one lock: every request is a transaction of its own, one after the other."""

    def __init__(self, file: Path, schema: str = _SCHEMA) -> None:
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
    """Seconds since 1970 on the gateway's own clock, which a test can put forward."""
    row = db.execute("SELECT value FROM setting WHERE name = 'clock'").fetchone()
    return time.time() + (float(row["value"]) if row else 0.0)


def load(row: sqlite3.Row) -> Json:
    """The JSON body of a row."""
    body: Json = json.loads(row["body"])
    return body
