"""What every part of the gateway is given: its store, its address, and a bell for the outbox."""

import sqlite3
import threading
from dataclasses import dataclass, field

from flask import current_app

from sandbox.stripe.store import Store


@dataclass
class Gateway:
    """`delayed_seconds`: until what comes later comes (a bank debit, a dispute); `late_seconds`: late events."""

    store: Store
    base_url: str
    delayed_seconds: float = 20.0
    late_seconds: float = 20.0
    bell: threading.Event = field(default_factory=threading.Event)  # rung when there may be something to send


def gateway() -> Gateway:
    """The gateway of the application that handles this request."""
    found: Gateway = current_app.extensions["stripe"]
    return found


def schedule(db: sqlite3.Connection, due: float, action: str, subject: str) -> None:
    """Do `action` to `subject` at `due`, on the gateway's clock."""
    db.execute("INSERT INTO task (due, action, subject) VALUES (?, ?, ?)", (due, action, subject))
