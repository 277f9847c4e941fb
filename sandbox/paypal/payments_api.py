"""Payments v2: show a capture, refund it, show a refund."""

import sqlite3

from flask import Blueprint, Response

from sandbox.paypal.captures import find_capture, refund
from sandbox.paypal.disputes import check_refundable
from sandbox.paypal.operation import Call, brief, operation, read_json, remember, reply, seen_before
from sandbox.paypal.problems import Problem
from sandbox.paypal.store import Json, load

# How long PayPal keeps the ids of requests about payments.
KEEP_SECONDS = 45 * 86400

views = Blueprint("paypal_payments", __name__, url_prefix="/v2/payments")


@views.get("/captures/<capture_id>")
@operation("get_capture")
def get_capture(call: Call, capture_id: str) -> Response:
    return reply(load(find_capture(call.db, capture_id, call.merchant["id"])))


@views.post("/captures/<capture_id>/refund")
@operation("refund_capture")
def refund_capture(call: Call, capture_id: str) -> Response:
    capture = load(find_capture(call.db, capture_id, call.merchant["id"]))
    asked = read_json(required=False)
    if not call.may(capture["payee"], "REFUND"):
        raise Problem(422, "REFUND_IS_RESTRICTED")
    refund_id = seen_before(call, "refund_capture", KEEP_SECONDS)
    if refund_id is None:
        check_refundable(call.db, capture, asked)
        refund_id = refund(call.db, call.gateway, capture_id, asked)
        remember(call, "refund_capture", refund_id)
    return reply(brief(_refund(call.db, refund_id, call.merchant["id"])), 201)


@views.get("/refunds/<refund_id>")
@operation("get_refund")
def get_refund(call: Call, refund_id: str) -> Response:
    return reply(_refund(call.db, refund_id, call.merchant["id"]))


def _refund(db: sqlite3.Connection, refund_id: str, merchant_id: str) -> Json:
    row = db.execute(
        "SELECT * FROM refund WHERE id = ? AND merchant_id = ?", (refund_id, merchant_id)
    ).fetchone()
    if row is None:
        raise Problem(404, "INVALID_RESOURCE_ID")
    return load(row)
