"""Checkout Sessions: open, show, expire."""

from flask import Blueprint

from sandbox.stripe import sessions
from sandbox.stripe.objects import find
from sandbox.stripe.operation import Call, operation
from sandbox.stripe.payments_api import expanded
from sandbox.stripe.problems import Problem
from sandbox.stripe.sessions import show_session
from sandbox.stripe.store import Json, load

views = Blueprint("stripe_checkout", __name__, url_prefix="/v1/checkout/sessions")


@views.post("")
@operation("create_session")
def create(call: Call) -> Json:
    if not load(call.account)["charges_enabled"]:
        raise Problem(
            403,
            "account_invalid",
            f"The account {call.account['id']} cannot take payments: card_payments is not active.",
        )
    return sessions.create_session(call.db, call.gateway, call.account, call.asked)


@views.get("/<session_id>")
@operation("get_session")
def get(call: Call, session_id: str) -> Json:
    row = find(call.db, "checkout.session", session_id, call.account["id"])
    return expanded(call, show_session(load(row)))


@views.post("/<session_id>/expire")
@operation("expire_session")
def expire(call: Call, session_id: str) -> Json:
    find(call.db, "checkout.session", session_id, call.account["id"])
    return expanded(call, show_session(sessions.expire(call.db, call.gateway, session_id)))
