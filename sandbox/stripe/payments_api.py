"""Payment intents, charges, refunds, disputes."""

from typing import Any

from flask import Blueprint

from sandbox.stripe import intents, refunds
from sandbox.stripe.forms import check_known
from sandbox.stripe.objects import find, listing, of_session
from sandbox.stripe.operation import Call, operation
from sandbox.stripe.problems import wrong
from sandbox.stripe.sessions import scenario_of
from sandbox.stripe.store import Json, load

# What `expand` can put in the place of an id.
_EXPANDABLE = {"payment_intent": "payment_intent", "latest_charge": "charge", "charge": "charge"}
_REASONS = {None, "abandoned", "duplicate", "fraudulent", "requested_by_customer"}

views = Blueprint("stripe_payments", __name__, url_prefix="/v1")


def expanded(call: Call, body: Json) -> Json:
    """The object with whole objects in the place of the ids that the call names. Raises Problem."""
    for path in call.asked.get("expand") or []:
        inner: Any = body
        for name in str(path).split("."):
            if name not in _EXPANDABLE or not isinstance(inner, dict) or name not in inner:
                raise wrong("expand", f"This property cannot be expanded ({path}).")
            if isinstance(inner[name], str):
                inner[name] = load(find(call.db, _EXPANDABLE[name], inner[name], call.account["id"]))
            inner = inner[name]
            if inner is None:
                break
    return body


@views.get("/payment_intents/<intent_id>")
@operation("get_intent")
def get_intent(call: Call, intent_id: str) -> Json:
    return expanded(call, load(find(call.db, "payment_intent", intent_id, call.account["id"])))


@views.post("/payment_intents/<intent_id>/capture")
@operation("capture")
def capture(call: Call, intent_id: str) -> Json:
    check_known(call.asked, {"expand"})
    row = find(call.db, "payment_intent", intent_id, call.account["id"])
    return expanded(
        call, intents.capture(call.db, call.gateway, row, scenario_of(call.db, row["session_id"]))
    )


@views.post("/payment_intents/<intent_id>/cancel")
@operation("cancel")
def cancel(call: Call, intent_id: str) -> Json:
    check_known(call.asked, {"expand", "cancellation_reason"})
    reason = call.asked.get("cancellation_reason")
    if reason not in _REASONS:
        raise wrong("cancellation_reason", "Invalid cancellation_reason.")
    row = find(call.db, "payment_intent", intent_id, call.account["id"])
    return expanded(call, intents.cancel(call.db, call.gateway, row, reason))


@views.get("/charges/<charge_id>")
@operation("charges")
def get_charge(call: Call, charge_id: str) -> Json:
    return expanded(call, load(find(call.db, "charge", charge_id, call.account["id"])))


@views.post("/refunds")
@operation("refund")
def refund(call: Call) -> Json:
    scenario = refunds.scenario_of_refund(call.db, call.account["id"], call.asked)
    return expanded(
        call, refunds.create_refund(call.db, call.gateway, call.account["id"], call.asked, scenario)
    )


@views.get("/refunds/<refund_id>")
@operation("get_refunds")
def get_refund(call: Call, refund_id: str) -> Json:
    return expanded(call, load(find(call.db, "refund", refund_id, call.account["id"])))


@views.get("/refunds")
@operation("get_refunds")
def list_refunds(call: Call) -> Json:
    return listing("/v1/refunds", _of_intent(call, "refund"))


@views.get("/disputes")
@operation("disputes")
def list_disputes(call: Call) -> Json:
    return listing("/v1/disputes", _of_intent(call, "dispute"))


@views.get("/disputes/<dispute_id>")
@operation("disputes")
def get_dispute(call: Call, dispute_id: str) -> Json:
    return load(find(call.db, "dispute", dispute_id, call.account["id"]))


def _of_intent(call: Call, kind: str) -> list[Json]:
    check_known(call.asked, {"payment_intent", "charge", "limit", "expand"})
    if "charge" in call.asked:
        row = find(call.db, "charge", str(call.asked["charge"]), call.account["id"])
    else:
        row = find(call.db, "payment_intent", str(call.asked.get("payment_intent")), call.account["id"])
    return of_session(call.db, row["session_id"], kind)[::-1]  # the newest first, as Stripe lists
