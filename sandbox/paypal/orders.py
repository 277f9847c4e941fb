"""What happens to an order: created, approved, its approval reversed, captured. No HTTP here."""

import json
import sqlite3
from typing import Any
from urllib.parse import urlsplit

from sandbox.paypal.captures import open_capture
from sandbox.paypal.events import tell
from sandbox.paypal.gateway import Gateway, schedule
from sandbox.paypal.money import read_amount
from sandbox.paypal.names import iso, new_account_id, new_id
from sandbox.paypal.partners import may_be_paid_through, payee_shown
from sandbox.paypal.problems import Problem
from sandbox.paypal.scenarios import SCENARIOS, scenario_of_amount
from sandbox.paypal.store import Json, load, now

# PayPal gives an approved and never captured payment back after this time.
APPROVAL_SECONDS = 3 * 3600


def create_order(db: sqlite3.Connection, gateway: Gateway, merchant: sqlite3.Row, asked: Json) -> str:
    """A new order for the calling seller, or for `payee`; its id. Raises Problem."""
    if asked.get("intent") != "CAPTURE":
        known = asked.get("intent") == "AUTHORIZE"
        raise Problem(400, "NOT_SUPPORTED" if known else "INVALID_PARAMETER_VALUE", "/intent")
    units = asked.get("purchase_units")
    if not isinstance(units, list) or not units:
        raise Problem(400, "MISSING_REQUIRED_PARAMETER", "/purchase_units")
    if len(units) > 1:
        raise Problem(400, "INVALID_ARRAY_MAX_ITEMS", "/purchase_units")
    unit = _purchase_unit(db, merchant, units[0])
    wallet = (asked.get("payment_source") or {}).get("paypal")
    context = (wallet or {}).get("experience_context") or {}
    for name in ("return_url", "cancel_url"):
        if name in context and urlsplit(str(context[name])).scheme not in ("http", "https"):
            raise Problem(
                400, "INVALID_PARAMETER_SYNTAX", f"/payment_source/paypal/experience_context/{name}"
            )
    order_id, at = new_id(), now(db)
    order: Json = {
        "id": order_id,
        "intent": "CAPTURE",
        "status": "CREATED" if wallet is None else "PAYER_ACTION_REQUIRED",
        "purchase_units": [unit],
        "create_time": iso(at),
    }
    if wallet is not None:
        order["payment_source"] = {"paypal": {}}
    order["links"] = _links(gateway, order)
    db.execute(
        "INSERT INTO orders (id, merchant_id, scenario, context, body, created) VALUES (?, ?, ?, ?, ?, ?)",
        (
            order_id,
            merchant["id"],
            scenario_of_amount(unit["amount"]["value"]),
            json.dumps(context),
            json.dumps(order),
            at,
        ),
    )
    return order_id


def find_order(db: sqlite3.Connection, order_id: str, merchant_id: str | None = None) -> sqlite3.Row:
    """The row of an order (of that seller, if one is given). Raises Problem 404."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM orders WHERE id = ? AND NOT forgotten", (order_id,)
    ).fetchone()
    if row is None or merchant_id not in (None, row["merchant_id"]):
        raise Problem(404, "INVALID_RESOURCE_ID")
    return row


def show_order(db: sqlite3.Connection, order_id: str) -> Json:
    """The whole order, with its captures and refunds as they are now."""
    order = load(find_order(db, order_id))
    captures = [
        load(row)
        for row in db.execute("SELECT body FROM capture WHERE order_id = ? ORDER BY rowid", (order_id,))
    ]
    refunds = [
        load(row)
        for row in db.execute(
            "SELECT refund.body FROM refund JOIN capture ON capture.id = capture_id "
            "WHERE order_id = ? ORDER BY refund.rowid",
            (order_id,),
        )
    ]
    if captures:
        # Inside an order a capture is shown without what the order itself says.
        inner = [
            {k: v for k, v in capture.items() if k not in ("payee", "supplementary_data")}
            for capture in captures
        ]
        payments = {"captures": inner} | ({"refunds": refunds} if refunds else {})
        order["purchase_units"][0]["payments"] = payments
    return order


def approve(db: sqlite3.Connection, gateway: Gateway, order_id: str, scenario: str | None) -> Json:
    """The payer agrees to pay, in one of SCENARIOS (default: as the amount says). Approving twice is one."""
    row = find_order(db, order_id)
    order = load(row)
    if order["status"] not in ("CREATED", "PAYER_ACTION_REQUIRED"):
        return order
    scenario = scenario or row["scenario"]
    at = now(db)
    name = {"given_name": "Sam", "surname": "Sample"}
    payer_id, email = new_account_id(), "buyer@sandbox.example"
    order |= {
        "status": "APPROVED",
        "update_time": iso(at),
        "payer": {"email_address": email, "payer_id": payer_id, "name": name},
        "payment_source": {
            "paypal": {
                "email_address": email,
                "account_id": payer_id,
                "account_status": "VERIFIED",
                "name": name,
            }
        },
    }
    _save(db, gateway, order)
    db.execute("UPDATE orders SET scenario = ? WHERE id = ?", (scenario, order_id))
    tell(db, gateway, "CHECKOUT.ORDER.APPROVED", order_id, order)
    if scenario == "reversed":
        reverse_approval(db, gateway, order_id)
    else:
        schedule(db, at + APPROVAL_SECONDS, "reverse", order_id)
    return order


def reverse_approval(db: sqlite3.Connection, gateway: Gateway, order_id: str) -> None:
    """Give an approved and uncaptured payment back. Nothing happens to any other order."""
    order = load(find_order(db, order_id))
    if order["status"] != "APPROVED":
        return
    order |= {"status": "VOIDED", "update_time": iso(now(db))}
    _save(db, gateway, order)
    resource = {
        "order_id": order_id,
        "purchase_units": order["purchase_units"],
        "payment_source": order["payment_source"],
    }
    tell(db, gateway, "CHECKOUT.PAYMENT-APPROVAL.REVERSED", order_id, resource)


def capture_order(db: sqlite3.Connection, gateway: Gateway, row: sqlite3.Row) -> Problem | None:
    """Take the money. Returns the Problem that leaves the order changed; raises one that changes nothing."""
    order, scenario = load(row), SCENARIOS[row["scenario"]]
    if order["status"] == "COMPLETED":
        raise Problem(422, "ORDER_ALREADY_CAPTURED")
    if order["status"] != "APPROVED":
        raise Problem(422, "ORDER_NOT_APPROVED")
    unit = order["purchase_units"][0]
    if scenario.code == "no_consent" or not may_be_paid_through(db, row["merchant_id"], unit["payee"]):
        raise Problem(403, "PAYEE_NOT_CONSENTED")
    if "invoice_id" in unit and _invoice_was_paid(db, row["merchant_id"], unit["invoice_id"]):
        raise Problem(422, "DUPLICATE_INVOICE_ID")
    at = now(db)
    if scenario.code == "decline":
        # The payer must choose another way to pay: the order waits for them again.
        order |= {"status": "PAYER_ACTION_REQUIRED", "update_time": iso(at)}
        _save(db, gateway, order)
        return Problem(422, "INSTRUMENT_DECLINED")
    order |= {"status": "COMPLETED", "update_time": iso(at)}
    _save(db, gateway, order)
    open_capture(db, gateway, row["merchant_id"], order["id"], unit, scenario)
    return None


def _save(db: sqlite3.Connection, gateway: Gateway, order: Json) -> None:
    order["links"] = _links(gateway, order)
    db.execute("UPDATE orders SET body = ? WHERE id = ?", (json.dumps(order), order["id"]))


def _links(gateway: Gateway, order: Json) -> list[Json]:
    own = f"{gateway.base_url}/v2/checkout/orders/{order['id']}"
    links = [{"href": own, "rel": "self", "method": "GET"}]
    if order["status"] in ("CREATED", "PAYER_ACTION_REQUIRED"):
        links.append(
            {
                "href": f"{gateway.base_url}/checkoutnow?token={order['id']}",
                "rel": "approve" if order["status"] == "CREATED" else "payer-action",
                "method": "GET",
            }
        )
    if order["status"] == "APPROVED":
        links.append({"href": f"{own}/capture", "rel": "capture", "method": "POST"})
    return links


def _purchase_unit(db: sqlite3.Connection, merchant: sqlite3.Row, asked: Any) -> Json:
    if not isinstance(asked, dict):
        raise Problem(400, "INVALID_PARAMETER_SYNTAX", "/purchase_units/0")
    if (asked.get("payment_instruction") or {}).get("platform_fees"):
        raise Problem(422, "PLATFORM_FEES_NOT_SUPPORTED")
    read_amount(asked.get("amount"), "/purchase_units/0/amount")
    for name in ("custom_id", "invoice_id", "description"):
        if name in asked and not 1 <= len(str(asked[name])) <= 127:
            raise Problem(400, "INVALID_STRING_LENGTH", f"/purchase_units/0/{name}")
    kept = {name: asked[name] for name in ("custom_id", "invoice_id", "description") if name in asked}
    return {
        "reference_id": asked.get("reference_id", "default"),
        "amount": {name: asked["amount"][name] for name in ("currency_code", "value")},
        "payee": payee_shown(db, asked.get("payee") or {"merchant_id": merchant["id"]}),
        **kept,
    }


def _invoice_was_paid(db: sqlite3.Connection, merchant_id: str, invoice_id: str) -> bool:
    found = db.execute(
        "SELECT 1 FROM capture WHERE merchant_id = ? AND json_extract(body, '$.invoice_id') = ?",
        (merchant_id, invoice_id),
    ).fetchone()
    return found is not None
