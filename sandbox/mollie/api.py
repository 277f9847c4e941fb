"""The API itself, v2: payments with their captures and refunds, webhooks, and who one is."""

import json
import secrets
import sqlite3
from urllib.parse import urlsplit

from flask import Blueprint

from sandbox.mollie import parts, payments
from sandbox.mollie.gateway import iso, new_id
from sandbox.mollie.operation import Call, operation
from sandbox.mollie.problems import Problem, wrong
from sandbox.stripe.store import Json, load, now

views = Blueprint("mollie_api", __name__, url_prefix="/v2")


@views.post("/payments")
@operation("create_payment", 201)
def create(call: Call) -> Json:
    return payments.create_payment(call.db, call.gateway, call.seller, call.asked)


@views.get("/payments/<payment_id>")
@operation("get_payment")
def get(call: Call, payment_id: str) -> Json:
    return payments.show_payment(call.db, _payment(call, payment_id), call.asked.get("embed", ""))


@views.delete("/payments/<payment_id>")
@operation("cancel_payment")
def cancel(call: Call, payment_id: str) -> Json:
    _payment(call, payment_id)
    return payments.cancel(call.db, call.gateway, payment_id)


@views.post("/payments/<payment_id>/captures")
@operation("create_capture", 201)
def capture(call: Call, payment_id: str) -> Json:
    _payment(call, payment_id)
    return parts.capture(call.db, call.gateway, payment_id, call.asked)


@views.post("/payments/<payment_id>/release-authorization")
@operation("release_authorization", 202)
def release(call: Call, payment_id: str) -> Json:
    _payment(call, payment_id)
    payments.release(call.db, call.gateway, payment_id)
    return {}


@views.post("/payments/<payment_id>/refunds")
@operation("create_refund", 201)
def refund(call: Call, payment_id: str) -> Json:
    _payment(call, payment_id)
    return parts.refund(call.db, call.gateway, payment_id, call.asked)


@views.get("/organizations/me")
@operation("get_organization")
def organisation(call: Call) -> Json:
    return {"resource": "organization", "id": call.seller["id"], "name": call.seller["name"]}


@views.get("/methods/<method>")
@operation("get_method")
def method(call: Call, method: str) -> Json:
    if call.asked.get("profileId") != call.seller["profile_id"]:
        raise wrong("profileId", "The profile is not yours, or is blocked.")
    if method != "creditcard":
        raise Problem(404, "No payment method exists with this id.")
    return {
        "resource": "method",
        "id": method,
        "description": "Cards",
        "status": call.seller["cards"],
        "minimumAmount": {"currency": "EUR", "value": "0.01"},
        "maximumAmount": None,
    }


@views.post("/webhooks")
@operation("webhooks", 201)
def create_webhook(call: Call) -> Json:
    url, wanted = call.asked.get("url"), call.asked.get("eventTypes")
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
        raise wrong("url", "The url is invalid.")
    if not isinstance(wanted, list) or not wanted:
        raise wrong("eventTypes", "The eventTypes are required.")
    if not call.asked.get("name"):
        raise wrong("name", "The name is required.")
    webhook: Json = {
        "resource": "webhook",
        "id": new_id("hook"),
        "url": url,
        "profileId": None,
        "createdAt": iso(now(call.db)),
        "name": call.asked["name"],
        "eventTypes": wanted,
        "status": "enabled",
        "mode": call.mode,
    }
    secret = secrets.token_hex(16)
    call.db.execute(
        "INSERT INTO webhook (id, organisation_id, secret, body) VALUES (?, ?, ?, ?)",
        (webhook["id"], call.seller["id"], secret, json.dumps(webhook)),
    )
    return webhook | {"webhookSecret": secret}


@views.get("/webhooks")
@operation("webhooks")
def list_webhooks(call: Call) -> Json:
    found = [load(row) for row in _webhooks(call)]
    return {"count": len(found), "_embedded": {"webhooks": found[::-1]}}


@views.delete("/webhooks/<webhook_id>")
@operation("webhooks", 204)
def delete_webhook(call: Call, webhook_id: str) -> Json:
    if webhook_id not in {row["id"] for row in _webhooks(call)}:
        raise Problem(404, "No such webhook.")
    call.db.execute("DELETE FROM webhook WHERE id = ?", (webhook_id,))
    return {}


def _payment(call: Call, payment_id: str) -> sqlite3.Row:
    return payments.find_payment(call.db, payment_id, call.seller["id"], call.mode)


def _webhooks(call: Call) -> list[sqlite3.Row]:
    """Those of the seller in this mode, oldest first."""
    rows = call.db.execute(
        "SELECT * FROM webhook WHERE organisation_id = ? ORDER BY rowid", (call.seller["id"],)
    )
    return [row for row in rows if load(row)["mode"] == call.mode]
