"""What the gateway knows, in one SQLite file that outlives the process."""

from pathlib import Path

from sandbox.store import Json, Store, load, now

__all__ = ["Json", "Store", "load", "now", "open_store"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS merchant (
    id TEXT PRIMARY KEY, client_id TEXT UNIQUE NOT NULL, client_secret TEXT NOT NULL, name TEXT NOT NULL,
    currencies TEXT NOT NULL);
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


def open_store(file: Path) -> Store:
    """The gateway's file; made when it is not there."""
    return Store(file, _SCHEMA)
