"""Webhook endpoints and events: subscribe addresses, list them, take them away again."""

import sqlite3

from flask import Blueprint

from sandbox.stripe.accounts import add_endpoint
from sandbox.stripe.forms import check_known
from sandbox.stripe.objects import listing
from sandbox.stripe.operation import Call, operation
from sandbox.stripe.problems import Problem
from sandbox.stripe.store import Json, load

MOST = 16
_KNOWN = {"url", "enabled_events", "connect", "api_version", "description", "metadata", "expand"}

views = Blueprint("stripe_webhooks", __name__, url_prefix="/v1")


@views.post("/webhook_endpoints")
@operation("webhooks")
def create(call: Call) -> Json:
    check_known(call.asked, _KNOWN)
    if len(_endpoints(call)) >= MOST:
        raise Problem(400, None, f"You have reached the maximum of {MOST} test webhook endpoints.")
    return add_endpoint(call.db, call.account["id"], call.livemode, call.asked)


@views.get("/webhook_endpoints")
@operation("webhooks")
def list_endpoints(call: Call) -> Json:
    return listing("/v1/webhook_endpoints", [load(row) for row in _endpoints(call)][::-1])


@views.get("/webhook_endpoints/<endpoint_id>")
@operation("webhooks")
def get(call: Call, endpoint_id: str) -> Json:
    return load(_endpoint(call, endpoint_id))


@views.delete("/webhook_endpoints/<endpoint_id>")
@operation("webhooks")
def delete(call: Call, endpoint_id: str) -> Json:
    _endpoint(call, endpoint_id)
    call.db.execute("DELETE FROM endpoint WHERE id = ?", (endpoint_id,))
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}


@views.get("/events")
@operation("webhooks")
def events(call: Call) -> Json:
    rows = call.db.execute(
        "SELECT body FROM event WHERE account_id = ? ORDER BY rowid DESC LIMIT 100", (call.account["id"],)
    )
    return listing("/v1/events", [load(row) for row in rows])


@views.get("/events/<event_id>")
@operation("webhooks")
def get_event(call: Call, event_id: str) -> Json:
    row = call.db.execute(
        "SELECT body FROM event WHERE id = ? AND account_id = ?", (event_id, call.account["id"])
    ).fetchone()
    if row is None:
        raise Problem(404, "resource_missing", f"No such event: '{event_id}'", param="id")
    return load(row)


def _endpoints(call: Call) -> list[sqlite3.Row]:
    return call.db.execute(
        "SELECT * FROM endpoint WHERE account_id = ? ORDER BY rowid", (call.account["id"],)
    ).fetchall()


def _endpoint(call: Call, endpoint_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = call.db.execute(
        "SELECT * FROM endpoint WHERE id = ? AND account_id = ?", (endpoint_id, call.account["id"])
    ).fetchone()
    if row is None:
        raise Problem(404, "resource_missing", f"No such webhook endpoint: '{endpoint_id}'", param="id")
    return row
