"""The outbox: events are written with the change they tell of and sent afterwards, signed, until taken."""

import hashlib
import hmac
import sqlite3
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

import httpx
from flask import json

from sandbox.registry.store import Store, now, stamp

LONGEST_PAUSE = 60  # seconds between two tries of one event
SECONDS_TO_ANSWER = 5


def tell(db: sqlite3.Connection, kind: str, resource_id: str, occurred_at: str) -> None:
    """Put an event into the outbox, in the transaction of the change itself."""
    event_id = f"evt_{uuid.uuid4().hex}"
    db.execute(
        "INSERT INTO event (event_id, type, resource_id, occurred_at, next_at) VALUES (?, ?, ?, ?, ?)",
        (event_id, kind, resource_id, occurred_at, occurred_at),
    )


def signature(secret: str, body: bytes, at: int) -> str:
    """The value of `Registry-Signature` for this body, sent at `at` (Unix seconds)."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Sender(threading.Thread):
    """Sends what is due, in its own time: the API never waits for it."""

    def __init__(self, store: Store, url: str, secret: str) -> None:
        super().__init__(name="event-sender", daemon=True)
        self._store = store
        self._url = url
        self._secret = secret
        self.paused = threading.Event()

    def run(self) -> None:
        with httpx.Client(timeout=SECONDS_TO_ANSWER, trust_env=False) as client:
            while True:
                self._store.changed.clear()
                if not self.paused.is_set():
                    self._send_due(client)
                self._store.changed.wait(0.5)

    def _send_due(self, client: httpx.Client) -> None:
        with self._store.read() as db:
            due = db.execute(
                "SELECT * FROM event WHERE delivered_at IS NULL AND next_at <= ? ORDER BY occurred_at LIMIT 100",
                (now(),),
            ).fetchall()
        for event in due:
            taken = self._send(client, event)
            with self._store.write() as db:
                self._note(db, event, taken)

    def _send(self, client: httpx.Client, event: sqlite3.Row) -> bool:
        names = ("event_id", "type", "resource_id", "occurred_at")
        body = json.dumps({name: event[name] for name in names}).encode()
        headers = {
            "Content-Type": "application/json",
            "Registry-Signature": signature(self._secret, body, int(time.time())),
        }
        try:
            return client.post(self._url, content=body, headers=headers).is_success
        except httpx.HTTPError:
            return False

    def _note(self, db: sqlite3.Connection, event: sqlite3.Row, taken: bool) -> None:
        attempts = event["attempts"] + 1
        pause = min(LONGEST_PAUSE, 0.5 * 2 ** min(attempts, 10))
        db.execute(
            # Unless somebody asked for it again while it was under way.
            "UPDATE event SET attempts = ?, delivered_at = ?, next_at = ? WHERE event_id = ? AND next_at = ?",
            (
                attempts,
                now() if taken else None,
                stamp(datetime.now(UTC) + timedelta(seconds=pause)),
                event["event_id"],
                event["next_at"],
            ),
        )
