"""Orders v2: create, show, capture."""

import sqlite3

from flask import Blueprint, Response, request

from sandbox.paypal.operation import Call, brief, operation, read_json, remember, reply, seen_before
from sandbox.paypal.orders import capture_order, create_order, find_order, show_order
from sandbox.paypal.problems import Problem, answer
from sandbox.paypal.store import load

# How long PayPal keeps the ids of requests about orders.
KEEP_SECONDS = 6 * 3600

views = Blueprint("paypal_checkout", __name__, url_prefix="/v2/checkout/orders")


@views.post("")
@operation("create_order")
def create(call: Call) -> Response:
    known = seen_before(call, "create_order", KEEP_SECONDS)
    if known:
        return reply(brief(show_order(call.db, known), "payment_source"))
    asked = read_json()
    if asked.get("payment_source") and "PayPal-Request-Id" not in request.headers:
        raise Problem(400, "PAYPAL_REQUEST_ID_REQUIRED")
    order_id = create_order(call.db, call.gateway, call.merchant, asked)
    _allow(call, find_order(call.db, order_id))
    remember(call, "create_order", order_id)
    # An order that waits for its payer is answered with 200, one without a payment source with 201.
    return reply(
        brief(show_order(call.db, order_id), "payment_source"), 200 if asked.get("payment_source") else 201
    )


@views.get("/<order_id>")
@operation("get_order")
def get(call: Call, order_id: str) -> Response:
    _allow(call, find_order(call.db, order_id, call.merchant["id"]))
    return reply(show_order(call.db, order_id))


@views.post("/<order_id>/capture")
@operation("capture_order")
def capture(call: Call, order_id: str) -> Response:
    row = find_order(call.db, order_id, call.merchant["id"])
    _allow(call, row)
    read_json(required=False)
    if seen_before(call, "capture_order", KEEP_SECONDS) == order_id:
        return reply(brief(show_order(call.db, order_id), "payment_source", "payer", "purchase_units"))
    refusal = capture_order(call.db, call.gateway, row)
    if refusal:
        # Not remembered: the same request may succeed once the payer chose another way to pay.
        return answer(refusal)
    remember(call, "capture_order", order_id)
    return reply(brief(show_order(call.db, order_id), "payment_source", "payer", "purchase_units"), 201)


def _allow(call: Call, row: sqlite3.Row) -> None:
    """Who acts for a seller acts for no other. Without an assertion, an order is its caller's whoever is paid."""
    if call.acting and not call.may(load(row)["purchase_units"][0]["payee"]):
        raise Problem(403, "PERMISSION_DENIED")
