"""Events: composed when something happens, put in the outbox of the same transaction."""

import hashlib
import hmac
import json
import sqlite3

from sandbox.mollie.gateway import Gateway, iso, new_id
from sandbox.mollie.scenarios import SCENARIOS
from sandbox.stripe.store import Json, load, now

# In the out-of-order scenario the first message waits this long for a later one to overtake it.
_OVERTAKE_SECONDS = 5.0


def tell(db: sqlite3.Connection, gateway: Gateway, payment_id: str, event_type: str, about: Json) -> None:
    """Put an event about a payment, or a part of it, in the outbox of every webhook that asked for its type."""
    at, event_id = now(db), new_id("event")
    event: Json = {
        "resource": "event",
        "id": event_id,
        "type": event_type,
        "entityId": about["id"],
        "createdAt": iso(at),
        "_embedded": {"entity": about},
        "_links": {
            "self": {"href": f"{gateway.base_url}/v2/events/{event_id}", "type": "application/hal+json"}
        },
    }
    first = not db.execute("SELECT 1 FROM event WHERE payment_id = ?", (payment_id,)).fetchone()
    db.execute(
        "INSERT INTO event (id, payment_id, body, at) VALUES (?, ?, ?, ?)",
        (event_id, payment_id, json.dumps(event), at),
    )
    row = db.execute("SELECT scenario FROM payment WHERE id = ?", (payment_id,)).fetchone()
    how = SCENARIOS[row["scenario"]].webhooks
    if how == "none":
        return
    due = at + gateway.late_seconds if how == "late" else at
    if how == "reversed_order":
        if first:
            due = at + _OVERTAKE_SECONDS
        else:
            _let_overtake(db, payment_id, at)
    for _ in range(2 if how == "twice" else 1):
        post(db, event_id, due=due, forged=how == "forged")


def post(db: sqlite3.Connection, event_id: str, due: float, forged: bool = False) -> int:
    """Queue an event for the webhooks of its seller and mode; how many."""
    event = db.execute(
        "SELECT event.body, organisation_id, payment.body AS payment FROM event "
        "JOIN payment ON payment.id = payment_id WHERE event.id = ?",
        (event_id,),
    ).fetchone()
    mode, count = json.loads(event["payment"])["mode"], 0
    for row in db.execute(
        "SELECT * FROM webhook WHERE organisation_id = ?", (event["organisation_id"],)
    ).fetchall():
        webhook = load(row)
        wanted = webhook["eventTypes"]
        if webhook["mode"] == mode and (load(event)["type"] in wanted or "*" in wanted):
            db.execute(
                "INSERT INTO delivery (event_id, webhook_id, due, forged, state) VALUES (?, ?, ?, ?, 'waiting')",
                (event_id, row["id"], due, forged),
            )
            count += 1
    return count


def signature(secret: str, body: bytes) -> str:
    """X-Mollie-Signature: HMAC-SHA256 over the body, in hex."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _let_overtake(db: sqlite3.Connection, payment_id: str, at: float) -> None:
    """Earlier messages of the payment go out just after the one that is now queued."""
    db.execute(
        "UPDATE delivery SET due = ? WHERE state = 'waiting' "
        "AND event_id IN (SELECT id FROM event WHERE payment_id = ?)",
        (at + 0.01, payment_id),
    )
