"""What every part of the gateway is given: its store, its address, and a bell for the outbox."""

import secrets
import sqlite3
import string
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import current_app

from sandbox.stripe.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS organisation (
    id TEXT PRIMARY KEY, profile_id TEXT NOT NULL, token TEXT UNIQUE NOT NULL, name TEXT NOT NULL,
    cards TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS payment (
    id TEXT PRIMARY KEY, organisation_id TEXT NOT NULL, scenario TEXT NOT NULL, body TEXT NOT NULL,
    forgotten INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS part (
    id TEXT PRIMARY KEY, payment_id TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS part_payment ON part (payment_id, kind);
CREATE TABLE IF NOT EXISTS seen_request (
    token TEXT NOT NULL, key TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (token, key));
CREATE TABLE IF NOT EXISTS webhook (
    id TEXT PRIMARY KEY, organisation_id TEXT NOT NULL, secret TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event (
    id TEXT PRIMARY KEY, payment_id TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, webhook_id TEXT NOT NULL, due REAL NOT NULL,
    forged INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, status TEXT);
CREATE TABLE IF NOT EXISTS task (id INTEGER PRIMARY KEY, due REAL NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, operation TEXT NOT NULL, kind TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, operation TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    organisation_id TEXT, headers TEXT NOT NULL, body TEXT NOT NULL, status INTEGER NOT NULL, fault TEXT);
"""
_LETTERS = string.ascii_letters + string.digits


@dataclass
class Gateway:
    """`delayed_seconds`: until what comes later comes (the bank's word, a chargeback); `late_seconds`: late events."""

    store: Store
    base_url: str
    delayed_seconds: float = 20.0
    late_seconds: float = 20.0
    bell: threading.Event = field(default_factory=threading.Event)  # rung when there may be something to send


def gateway() -> Gateway:
    """The gateway of the application that handles this request."""
    found: Gateway = current_app.extensions["mollie"]
    return found


def schedule(db: sqlite3.Connection, due: float, action: str, subject: str) -> None:
    """Do `action` to `subject` at `due`, on the gateway's clock."""
    db.execute("INSERT INTO task (due, action, subject) VALUES (?, ?, ?)", (due, action, subject))


def new_id(prefix: str) -> str:
    """An id as Mollie makes them: tr_5B8cwPMGnU6qLbRvo7qEZo."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(22))}"


def iso(at: float) -> str:
    """2024-03-20T09:13:37+00:00"""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
