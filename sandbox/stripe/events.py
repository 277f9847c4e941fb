"""Events: composed when something happens, put in the outbox of the same transaction."""

import json
import sqlite3

from sandbox.stripe.gateway import Gateway
from sandbox.stripe.objects import new_id
from sandbox.stripe.scenarios import SCENARIOS
from sandbox.stripe.store import Json, now

API_VERSION = "2026-08-26.dahlia"
# In the out-of-order scenario the first message waits this long for a later one to overtake it.
_OVERTAKE_SECONDS = 5.0
_FIRST = "checkout.session.completed"


def tell(
    db: sqlite3.Connection,
    gateway: Gateway,
    account_id: str,
    session_id: str | None,
    event_type: str,
    about: Json,
) -> None:
    """Put an event in the outbox of every endpoint that asked for its type."""
    account = db.execute("SELECT * FROM account WHERE id = ?", (account_id,)).fetchone()
    at, event_id = now(db), new_id("evt")
    event: Json = {
        "id": event_id,
        "object": "event",
        "api_version": API_VERSION,
        "created": int(at),
        "data": {"object": about},
        "livemode": bool(account["livemode"]),
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": event_type,
    }
    db.execute(
        "INSERT INTO event (id, account_id, session_id, body, at) VALUES (?, ?, ?, ?, ?)",
        (event_id, account_id, session_id, json.dumps(event), at),
    )
    row = db.execute("SELECT code FROM scenario WHERE session_id = ?", (session_id,)).fetchone()
    how = SCENARIOS[row["code"]].webhooks if row else "normal"
    if how == "none":
        return
    due = at + gateway.late_seconds if how == "late" else at
    if how == "reversed_order":
        if event_type == _FIRST:
            due = at + _OVERTAKE_SECONDS
        else:
            _let_overtake(db, session_id, at)
    for _ in range(2 if how == "twice" else 1):
        post(db, event_id, due=due, forged=how == "forged")


def post(db: sqlite3.Connection, event_id: str, due: float, forged: bool = False) -> int:
    """Queue an event for the endpoints of its account, and of the platform that it is connected to; how many."""
    event = db.execute("SELECT account_id, body FROM event WHERE id = ?", (event_id,)).fetchone()
    event_type = json.loads(event["body"])["type"]
    count = 0
    for endpoint in db.execute(
        "SELECT endpoint.* FROM endpoint JOIN account ON account.id = ? "
        "WHERE (account_id = account.id AND NOT connect) OR (connect AND connected)",
        (event["account_id"],),
    ).fetchall():
        wanted = json.loads(endpoint["body"])["enabled_events"]
        if event_type in wanted or "*" in wanted:
            db.execute(
                "INSERT INTO delivery (event_id, endpoint_id, due, forged, state) VALUES (?, ?, ?, ?, 'waiting')",
                (event_id, endpoint["id"], due, forged),
            )
            count += 1
    return count


def _let_overtake(db: sqlite3.Connection, session_id: str | None, at: float) -> None:
    """Earlier messages of the payment go out just after the one that is now queued."""
    db.execute(
        "UPDATE delivery SET due = ? WHERE state = 'waiting' "
        "AND event_id IN (SELECT id FROM event WHERE session_id = ?)",
        (at + 0.01, session_id),
    )
