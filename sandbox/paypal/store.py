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
CREATE TABLE IF NOT EXISTS merchant (
    id TEXT PRIMARY KEY, client_id TEXT UNIQUE NOT NULL, client_secret TEXT NOT NULL, name TEXT NOT NULL,
    currencies TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS profile (
    merchant_id TEXT PRIMARY KEY, email TEXT UNIQUE NOT NULL, lets_others INTEGER NOT NULL DEFAULT 1,
    receivable INTEGER NOT NULL DEFAULT 1, email_confirmed INTEGER NOT NULL DEFAULT 1,
    empty INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS platform (merchant_id TEXT PRIMARY KEY, attribution_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS referral (
    id TEXT PRIMARY KEY, platform_id TEXT NOT NULL, tracking_id TEXT NOT NULL, email TEXT NOT NULL,
    return_url TEXT NOT NULL, features TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS consent (
    platform_id TEXT NOT NULL, merchant_id TEXT NOT NULL, tracking_id TEXT NOT NULL, features TEXT NOT NULL,
    since REAL NOT NULL, PRIMARY KEY (platform_id, merchant_id));
CREATE TABLE IF NOT EXISTS dispute (id TEXT PRIMARY KEY, capture_id TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS token (token TEXT PRIMARY KEY, merchant_id TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY, merchant_id TEXT NOT NULL, scenario TEXT NOT NULL, context TEXT NOT NULL,
    body TEXT NOT NULL, created REAL NOT NULL, forgotten INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS capture (
    id TEXT PRIMARY KEY, order_id TEXT NOT NULL, merchant_id TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refund (
    id TEXT PRIMARY KEY, capture_id TEXT NOT NULL, merchant_id TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen_request (
    merchant_id TEXT NOT NULL, operation TEXT NOT NULL, request_id TEXT NOT NULL, resource_id TEXT NOT NULL,
    at REAL NOT NULL, PRIMARY KEY (merchant_id, operation, request_id));
CREATE TABLE IF NOT EXISTS webhook (
    id TEXT PRIMARY KEY, merchant_id TEXT NOT NULL, url TEXT NOT NULL, event_types TEXT NOT NULL,
    UNIQUE (merchant_id, url));
CREATE TABLE IF NOT EXISTS event (
    id TEXT PRIMARY KEY, merchant_id TEXT NOT NULL, order_id TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    id TEXT PRIMARY KEY, event_id TEXT NOT NULL, webhook_id TEXT NOT NULL, due REAL NOT NULL,
    forged INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, status TEXT);
CREATE TABLE IF NOT EXISTS task (id INTEGER PRIMARY KEY, due REAL NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, operation TEXT NOT NULL, kind TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, operation TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    merchant_id TEXT, headers TEXT NOT NULL, body TEXT NOT NULL, status INTEGER NOT NULL, fault TEXT);
"""


class Store:
    """One connection behind one lock: every request is a transaction of its own, one after the other."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(file, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; nobody else reads or writes meanwhile. Never sleep or call out inside."""
        with self._lock, self._connection:
            yield self._connection

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def now(db: sqlite3.Connection) -> float:
    """Seconds since 1970 on the gateway's own clock, which a test can put forward."""
    row = db.execute("SELECT value FROM setting WHERE name = 'clock'").fetchone()
    return time.time() + (float(row["value"]) if row else 0.0)


def load(row: sqlite3.Row) -> Json:
    """The JSON body of a row."""
    body: Json = json.loads(row["body"])
    return body
