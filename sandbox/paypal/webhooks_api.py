"""Webhooks v1: subscribe addresses, list and resend events, and the certificate that signs them."""

import json
import sqlite3
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from sandbox.paypal.events import post
from sandbox.paypal.gateway import Gateway, gateway
from sandbox.paypal.names import new_id
from sandbox.paypal.operation import Call, operation, read_json, reply, run
from sandbox.paypal.problems import Problem
from sandbox.paypal.store import Json, load, now

LONGEST_LIST = 10

views = Blueprint("paypal_webhooks", __name__, url_prefix="/v1/notifications")


@views.post("/webhooks")
@operation("webhooks")
def create(call: Call) -> Response:
    asked = read_json()
    url, wanted = asked.get("url"), asked.get("event_types")
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https") or len(url) > 2048:
        raise Problem(400, "INVALID_PARAMETER_SYNTAX", "/url")
    if (
        not isinstance(wanted, list)
        or not wanted
        or not all(isinstance(t, dict) and t.get("name") for t in wanted)
    ):
        raise Problem(400, "MISSING_REQUIRED_PARAMETER", "/event_types")
    rows = call.db.execute("SELECT url FROM webhook WHERE merchant_id = ?", (call.merchant["id"],)).fetchall()
    if url in {row["url"] for row in rows}:
        return reply(_v1_problem("WEBHOOK_URL_ALREADY_EXISTS", "Webhook URL already exists."), 400)
    if len(rows) >= LONGEST_LIST:
        return reply(_v1_problem("WEBHOOK_NUMBER_LIMIT_EXCEEDED", "Webhook number limit exceeded."), 400)
    webhook_id = new_id()
    call.db.execute(
        "INSERT INTO webhook (id, merchant_id, url, event_types) VALUES (?, ?, ?, ?)",
        (webhook_id, call.merchant["id"], url, json.dumps([t["name"] for t in wanted])),
    )
    return reply(_shown(call.gateway, _webhook(call.db, webhook_id, call.merchant["id"])), 201)


@views.get("/webhooks")
@operation("webhooks")
def listing(call: Call) -> Response:
    rows = call.db.execute(
        "SELECT * FROM webhook WHERE merchant_id = ? ORDER BY rowid", (call.merchant["id"],)
    ).fetchall()
    return reply({"webhooks": [_shown(call.gateway, row) for row in rows]})


@views.get("/webhooks/<webhook_id>")
@operation("webhooks")
def get(call: Call, webhook_id: str) -> Response:
    return reply(_shown(call.gateway, _webhook(call.db, webhook_id, call.merchant["id"])))


@views.patch("/webhooks/<webhook_id>")
@operation("webhooks")
def change(call: Call, webhook_id: str) -> Response:
    _webhook(call.db, webhook_id, call.merchant["id"])
    try:
        (asked,) = json.loads(request.get_data())
        wanted = [event["name"] for event in asked["value"]]
    except (ValueError, KeyError, TypeError):
        raise Problem(400, "MALFORMED_REQUEST_JSON") from None
    if (asked.get("op"), asked.get("path")) != ("replace", "/event_types"):
        raise Problem(400, "NOT_SUPPORTED", "/0/path")
    call.db.execute("UPDATE webhook SET event_types = ? WHERE id = ?", (json.dumps(wanted), webhook_id))
    return reply(_shown(call.gateway, _webhook(call.db, webhook_id, call.merchant["id"])))


@views.delete("/webhooks/<webhook_id>")
@operation("webhooks")
def delete(call: Call, webhook_id: str) -> Response:
    _webhook(call.db, webhook_id, call.merchant["id"])
    call.db.execute("DELETE FROM webhook WHERE id = ?", (webhook_id,))
    return Response(status=204)


@views.get("/webhooks-events")
@operation("webhooks")
def events(call: Call) -> Response:
    rows = call.db.execute(
        "SELECT body FROM event WHERE merchant_id = ? ORDER BY at DESC, rowid DESC LIMIT 300",
        (call.merchant["id"],),
    ).fetchall()
    return reply({"events": [load(row) for row in rows], "count": len(rows)})


@views.post("/webhooks-events/<event_id>/resend")
@operation("webhooks")
def resend(call: Call, event_id: str) -> Response:
    asked = read_json(required=False)
    row = call.db.execute(
        "SELECT * FROM event WHERE id = ? AND merchant_id = ?", (event_id, call.merchant["id"])
    ).fetchone()
    if row is None:
        raise Problem(404, "INVALID_RESOURCE_ID")
    post(call.db, event_id, due=now(call.db), only=asked.get("webhook_ids"))
    return reply(load(row), 202)


@views.get("/certs/<certificate_id>")
def certificate(certificate_id: str) -> Response:
    signer = gateway().signer
    if certificate_id != signer.certificate_id:
        abort(404)
    return run("certificate", lambda: Response(signer.certificate, mimetype="application/x-pem-file"))


def _webhook(db: sqlite3.Connection, webhook_id: str, merchant_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM webhook WHERE id = ? AND merchant_id = ?", (webhook_id, merchant_id)
    ).fetchone()
    if row is None:
        raise Problem(404, "INVALID_RESOURCE_ID")
    return row


def _shown(gateway: Gateway, row: sqlite3.Row) -> Json:
    own = f"{gateway.base_url}/v1/notifications/webhooks/{row['id']}"
    return {
        "id": row["id"],
        "url": row["url"],
        "event_types": [{"name": name} for name in json.loads(row["event_types"])],
        "links": [
            {"href": own, "rel": "self", "method": "GET"},
            {"href": own, "rel": "delete", "method": "DELETE"},
        ],
    }


def _v1_problem(name: str, message: str) -> Json:
    return {
        "name": name,
        "message": message,
        "debug_id": new_id(13).lower(),
        "information_link": f"https://developer.paypal.com/docs/api/webhooks/v1/#error-{name}",
    }
