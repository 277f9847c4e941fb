"""Disputes v1, as a seller or their platform reads them."""

from flask import Blueprint, Response, request

from sandbox.paypal.captures import find_capture
from sandbox.paypal.disputes import disputes_of, find_dispute
from sandbox.paypal.operation import Call, operation, reply
from sandbox.paypal.problems import Problem
from sandbox.paypal.store import Json, load

_LISTED = (
    *("dispute_id", "create_time", "update_time", "reason", "status", "dispute_amount"),
    *("dispute_life_cycle_stage", "dispute_channel", "links"),
)

views = Blueprint("paypal_disputes", __name__, url_prefix="/v1/customer/disputes")


@views.get("")
@operation("disputes")
def listing(call: Call) -> Response:
    """Only those about one capture are asked for here."""
    capture_id = request.args.get("disputed_transaction_id", "")
    _allow(call, load(find_capture(call.db, capture_id))["payee"])
    here = [
        {name: dispute[name] for name in _LISTED if name in dispute}
        for dispute in disputes_of(call.db, capture_id)
    ]
    links = [{"href": request.base_url, "rel": "self", "method": "GET"}]
    return reply(({"items": here} if here else {}) | {"links": links})


@views.get("/<dispute_id>")
@operation("disputes")
def get(call: Call, dispute_id: str) -> Response:
    dispute = load(find_dispute(call.db, dispute_id))
    _allow(call, dispute["disputed_transactions"][0]["seller"])
    return reply(dispute)


def _allow(call: Call, payee: Json) -> None:
    if not call.may(payee, "READ_SELLER_DISPUTE"):
        raise Problem(403, "PERMISSION_DENIED")
