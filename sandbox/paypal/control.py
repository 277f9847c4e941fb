"""What only a sandbox has, under /sandbox/: look inside, and make things happen. JSON in, JSON out."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.paypal import captures
from sandbox.paypal.events import post
from sandbox.paypal.faults import FAULTS
from sandbox.paypal.gateway import Gateway, gateway
from sandbox.paypal.merchants import add_merchant
from sandbox.paypal.operation import OPERATIONS
from sandbox.paypal.orders import approve, find_order, reverse_approval, show_order
from sandbox.paypal.outbox import flush
from sandbox.paypal.problems import Problem, answer
from sandbox.paypal.scenarios import SCENARIOS
from sandbox.paypal.store import Json, load, now

views = Blueprint("paypal_sandbox", __name__, url_prefix="/sandbox")

_SECONDS_TO_TIME_OUT = 15.0


@dataclass(frozen=True)
class Ask:
    """A control call inside its transaction; `body` is {} when nothing was sent."""

    db: sqlite3.Connection
    gateway: Gateway
    body: Json


def control(act: Callable[..., Any]) -> Callable[..., Response]:
    """Make `act(ask, **path)`, which returns plain data, a view in one transaction."""

    @wraps(act)
    def view(**path: Any) -> Response:
        here = gateway()
        asked = request.get_json(silent=True) or {}
        try:
            with here.store.transaction() as db:
                result = act(Ask(db, here, asked), **path)
        except Problem as problem:
            return answer(problem)
        here.bell.set()
        return jsonify(result)

    return view


@views.get("/orders")
@control
def orders(ask: Ask) -> list[Json]:
    rows = ask.db.execute("SELECT id, scenario FROM orders WHERE NOT forgotten ORDER BY rowid").fetchall()
    return [show_order(ask.db, row["id"]) | {"scenario": row["scenario"]} for row in rows]


@views.post("/orders/<order_id>/approve")
@control
def approve_order(ask: Ask, order_id: str) -> Json:
    """As the payer does on the page: {"scenario": …}, by default what the amount says."""
    if ask.body.get("scenario") not in {None, *SCENARIOS} - {"cancel"}:
        raise Problem(400, "INVALID_PARAMETER_VALUE", "/scenario")
    approve(ask.db, ask.gateway, order_id, ask.body.get("scenario"))
    return show_order(ask.db, order_id)


@views.post("/orders/<order_id>/reverse")
@control
def reverse(ask: Ask, order_id: str) -> Json:
    reverse_approval(ask.db, ask.gateway, order_id)
    return show_order(ask.db, order_id)


@views.post("/orders/<order_id>/forget")
@control
def forget(ask: Ask, order_id: str) -> Json:
    """As PayPal does with old orders: from now on it answers 404."""
    find_order(ask.db, order_id)
    ask.db.execute("UPDATE orders SET forgotten = 1 WHERE id = ?", (order_id,))
    return {"forgotten": order_id}


@views.get("/captures")
@control
def ledger(ask: Ask) -> list[Json]:
    """Every capture: who was paid, how much, for which custom_id, and what became of it."""
    lines = []
    for row in ask.db.execute("SELECT * FROM capture ORDER BY rowid").fetchall():
        body = load(row)
        lines.append(
            {
                "id": row["id"],
                "order_id": row["order_id"],
                "payee": body["payee"].get("merchant_id"),
                "api_caller": row["merchant_id"],
                "amount": body["amount"],
                "custom_id": body.get("custom_id"),
                "invoice_id": body.get("invoice_id"),
                "status": body["status"],
                "refunds": [
                    load(refund)
                    for refund in ask.db.execute("SELECT body FROM refund WHERE capture_id = ?", (row["id"],))
                ],
            }
        )
    return lines


@views.post("/captures/<capture_id>/complete")
@control
def complete(ask: Ask, capture_id: str) -> Json:
    captures.complete(ask.db, ask.gateway, capture_id)
    return load(captures.find_capture(ask.db, capture_id))


@views.post("/captures/<capture_id>/deny")
@control
def deny(ask: Ask, capture_id: str) -> Json:
    captures.deny(ask.db, ask.gateway, capture_id)
    return load(captures.find_capture(ask.db, capture_id))


@views.post("/captures/<capture_id>/refund")
@control
def refund(ask: Ask, capture_id: str) -> Json:
    """As the seller does on PayPal's own site: {"amount": {…}}, by default all that is left."""
    captures.refund(ask.db, ask.gateway, capture_id, ask.body)
    return load(captures.find_capture(ask.db, capture_id))


@views.get("/webhooks")
@control
def deliveries(ask: Ask) -> list[Json]:
    """Every message to a webhook, oldest first, with what became of it."""
    rows = ask.db.execute(
        "SELECT delivery.*, url, event.body, event.order_id FROM delivery "
        "JOIN event ON event.id = event_id LEFT JOIN webhook ON webhook.id = webhook_id ORDER BY delivery.rowid"
    ).fetchall()
    return [
        {
            "id": row["id"],
            "event_id": row["event_id"],
            "event_type": load(row)["event_type"],
            "order_id": row["order_id"],
            "webhook_id": row["webhook_id"],
            "url": row["url"],
            "state": row["state"],
            "attempts": row["attempts"],
            "status": row["status"],
            "forged": bool(row["forged"]),
        }
        for row in rows
    ]


@views.post("/webhooks/flush")
@control
def flush_webhooks(ask: Ask) -> Json:
    """Send now what waits for its time: late messages and retries."""
    return {"due": flush(ask.db)}


@views.post("/webhooks/resend")
@control
def resend(ask: Ask) -> Json:
    """Send all events again, or those of {"order_id": …}, even where the scenario sent none."""
    rows = ask.db.execute(
        "SELECT id FROM event WHERE ? IS NULL OR order_id = ? ORDER BY rowid",
        (ask.body.get("order_id"), ask.body.get("order_id")),
    ).fetchall()
    return {"sent": sum(post(ask.db, row["id"], due=now(ask.db)) for row in rows)}


@views.get("/faults")
@control
def faults(ask: Ask) -> Json:
    rows = ask.db.execute("SELECT operation, kind, seconds FROM fault ORDER BY id").fetchall()
    return {"kinds": FAULTS, "operations": list(OPERATIONS), "queued": [dict(row) for row in rows]}


@views.post("/faults")
@control
def queue_fault(ask: Ask) -> Json:
    """{"operation": "capture_order", "kind": "timeout_after", "calls": 1, "seconds": 15}"""
    if ask.body.get("kind") not in FAULTS:
        raise Problem(400, "INVALID_PARAMETER_VALUE", "/kind")
    if ask.body.get("operation") not in (*OPERATIONS, "*"):
        raise Problem(400, "INVALID_PARAMETER_VALUE", "/operation")
    calls = int(ask.body.get("calls", 1))
    ask.db.executemany(
        "INSERT INTO fault (operation, kind, seconds) VALUES (?, ?, ?)",
        [(ask.body["operation"], ask.body["kind"], float(ask.body.get("seconds", _SECONDS_TO_TIME_OUT)))]
        * calls,
    )
    return {"queued": calls}


@views.delete("/faults")
@control
def clear_faults(ask: Ask) -> Json:
    return {"cleared": ask.db.execute("DELETE FROM fault").rowcount}


@views.get("/calls")
@control
def calls(ask: Ask) -> list[Json]:
    """The call log, oldest first, with whole request bodies; ?operation= narrows it."""
    name = request.args.get("operation")
    rows = ask.db.execute(
        "SELECT * FROM call WHERE ? IS NULL OR operation = ? ORDER BY id", (name, name)
    ).fetchall()
    return [dict(row) | {"headers": json.loads(row["headers"])} for row in rows]


@views.delete("/calls")
@control
def clear_calls(ask: Ask) -> Json:
    return {"cleared": ask.db.execute("DELETE FROM call").rowcount}


@views.get("/merchants")
@control
def merchants(ask: Ask) -> list[Json]:
    return [
        dict(row)
        for row in ask.db.execute("SELECT id, client_id, name, currencies FROM merchant ORDER BY rowid")
    ]


@views.post("/merchants")
@control
def register_merchant(ask: Ask) -> Json:
    """{"external_id", "client_id", "client_secret", "name", "currencies"}; known ones are changed."""
    for name in ("external_id", "client_id", "client_secret"):
        if not isinstance(ask.body.get(name), str) or not ask.body[name]:
            raise Problem(400, "MISSING_REQUIRED_PARAMETER", f"/{name}")
    add_merchant(ask.db, ask.body)
    return {"external_id": ask.body["external_id"]}


@views.post("/clock")
@control
def clock(ask: Ask) -> Json:
    """Put the gateway's clock forward by {"forward_seconds": …}: request ids, approvals and tokens grow old."""
    row = ask.db.execute("SELECT value FROM setting WHERE name = 'clock'").fetchone()
    ahead = float(ask.body.get("forward_seconds", 0)) + (float(row["value"]) if row else 0.0)
    ask.db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES ('clock', ?)", (str(ahead),))
    return {"ahead_seconds": ahead}
