"""Money taken and given back: a capture settles, is denied or is refunded. No HTTP here."""

import json
import sqlite3
from decimal import ROUND_HALF_UP, Decimal

from sandbox.paypal.events import tell
from sandbox.paypal.gateway import Gateway, schedule
from sandbox.paypal.money import WITHOUT_DECIMALS, read_amount, write_amount
from sandbox.paypal.names import iso, new_id
from sandbox.paypal.problems import Problem
from sandbox.paypal.scenarios import Scenario
from sandbox.paypal.store import Json, load, now

_FEE = Decimal("0.0349")


def open_capture(
    db: sqlite3.Connection, gateway: Gateway, merchant_id: str, order_id: str, unit: Json, scenario: Scenario
) -> None:
    """Record the capture of an order: completed, pending or declined, as the scenario says."""
    at, capture_id = now(db), new_id()
    own = f"{gateway.base_url}/v2/payments/captures/{capture_id}"
    capture: Json = {
        "id": capture_id,
        "status": "COMPLETED",
        "amount": unit["amount"],
        "final_capture": True,
        "seller_protection": {"status": "NOT_ELIGIBLE"},
        **{name: unit[name] for name in ("invoice_id", "custom_id") if name in unit},
        "create_time": iso(at),
        "update_time": iso(at),
        "payee": unit["payee"],
        "supplementary_data": {"related_ids": {"order_id": order_id}},
        "links": [
            {"href": own, "rel": "self", "method": "GET"},
            {"href": f"{own}/refund", "rel": "refund", "method": "POST"},
            {"href": f"{gateway.base_url}/v2/checkout/orders/{order_id}", "rel": "up", "method": "GET"},
        ],
    }
    # Nobody has this e-mail address here (yet): PayPal keeps the money for 30 days, then the payer has it back.
    unclaimed = None if "merchant_id" in unit["payee"] else "UNILATERAL"
    pending = scenario.pending or unclaimed or _currency_not_held(db, unit)
    if scenario.code == "denied":
        capture["status"] = "DECLINED"
    elif pending:
        capture |= {"status": "PENDING", "status_details": {"reason": pending}}
    else:
        capture["seller_receivable_breakdown"] = _breakdown(unit["amount"])
    db.execute(
        "INSERT INTO capture (id, order_id, merchant_id, body) VALUES (?, ?, ?, ?)",
        (capture_id, order_id, merchant_id, json.dumps(capture)),
    )
    tell(db, gateway, f"PAYMENT.CAPTURE.{capture['status']}", order_id, capture)
    if scenario.settles:
        schedule(db, at + gateway.echeck_seconds, scenario.settles, capture_id)


def find_capture(db: sqlite3.Connection, capture_id: str, merchant_id: str | None = None) -> sqlite3.Row:
    """The row of a capture (of that seller, if one is given). Raises Problem 404."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM capture WHERE id = ?", (capture_id,)).fetchone()
    if row is None or merchant_id not in (None, row["merchant_id"]):
        raise Problem(404, "INVALID_RESOURCE_ID")
    return row


def complete(db: sqlite3.Connection, gateway: Gateway, capture_id: str) -> None:
    """A pending capture comes in. Nothing happens to any other capture."""
    _settle(db, gateway, capture_id, "COMPLETED", "PAYMENT.CAPTURE.COMPLETED")


def deny(db: sqlite3.Connection, gateway: Gateway, capture_id: str) -> None:
    """A pending capture fails for good. Nothing happens to any other capture."""
    _settle(db, gateway, capture_id, "DECLINED", "PAYMENT.CAPTURE.DENIED")


def refund(db: sqlite3.Connection, gateway: Gateway, capture_id: str, asked: Json) -> str:
    """Give money back, all that is left unless `asked` names an amount; the refund's id. Raises Problem."""
    row = find_capture(db, capture_id)
    capture = load(row)
    if capture["status"] == "PENDING":
        raise Problem(422, "PENDING_CAPTURE")
    if capture["status"] == "REFUNDED":
        raise Problem(422, "CAPTURE_FULLY_REFUNDED")
    if capture["status"] not in ("COMPLETED", "PARTIALLY_REFUNDED"):
        raise Problem(422, "REFUND_NOT_ALLOWED")
    if "invoice_id" in asked and _invoice_was_refunded(db, row["merchant_id"], asked["invoice_id"]):
        raise Problem(422, "DUPLICATE_INVOICE_ID of a refund")
    currency = capture["amount"]["currency_code"]
    left = Decimal(capture["amount"]["value"]) - _refunded(db, capture_id)
    amount = left
    if "amount" in asked:
        amount, wanted = read_amount(asked["amount"], "/amount")
        if wanted != currency:
            raise Problem(422, "REFUND_CAPTURE_CURRENCY_MISMATCH")
        if amount > left:
            raise Problem(422, "REFUND_AMOUNT_EXCEEDED")
    at, refund_id = now(db), new_id()
    paid_back: Json = {
        "id": refund_id,
        "status": "COMPLETED",
        "amount": write_amount(amount, currency),
        **{name: asked[name] for name in ("invoice_id", "note_to_payer") if name in asked},
        **({"custom_id": capture["custom_id"]} if "custom_id" in capture else {}),
        "payer": capture["payee"],  # who pays it
        "seller_payable_breakdown": {
            "gross_amount": write_amount(amount, currency),
            "paypal_fee": write_amount(Decimal(0), currency),
            "net_amount": write_amount(amount, currency),
            "total_refunded_amount": write_amount(amount + _refunded(db, capture_id), currency),
        },
        "create_time": iso(at),
        "update_time": iso(at),
        "links": [
            {"href": f"{gateway.base_url}/v2/payments/refunds/{refund_id}", "rel": "self", "method": "GET"},
            {"href": f"{gateway.base_url}/v2/payments/captures/{capture_id}", "rel": "up", "method": "GET"},
        ],
    }
    db.execute(
        "INSERT INTO refund (id, capture_id, merchant_id, body) VALUES (?, ?, ?, ?)",
        (refund_id, capture_id, row["merchant_id"], json.dumps(paid_back)),
    )
    capture |= {
        "status": "REFUNDED" if amount == left else "PARTIALLY_REFUNDED",
        "update_time": iso(at),
    }
    db.execute("UPDATE capture SET body = ? WHERE id = ?", (json.dumps(capture), capture_id))
    tell(db, gateway, "PAYMENT.CAPTURE.REFUNDED", row["order_id"], paid_back)
    return refund_id


def _settle(db: sqlite3.Connection, gateway: Gateway, capture_id: str, status: str, event_type: str) -> None:
    row = find_capture(db, capture_id)
    capture = load(row)
    if capture["status"] != "PENDING":
        return
    del capture["status_details"]
    capture |= {"status": status, "update_time": iso(now(db))}
    if status == "COMPLETED":
        capture["seller_receivable_breakdown"] = _breakdown(capture["amount"])
    db.execute("UPDATE capture SET body = ? WHERE id = ?", (json.dumps(capture), capture_id))
    tell(db, gateway, event_type, row["order_id"], capture)


def _refunded(db: sqlite3.Connection, capture_id: str) -> Decimal:
    rows = db.execute("SELECT body FROM refund WHERE capture_id = ?", (capture_id,)).fetchall()
    return sum((Decimal(load(row)["amount"]["value"]) for row in rows), Decimal(0))


def _invoice_was_refunded(db: sqlite3.Connection, merchant_id: str, invoice_id: str) -> bool:
    found = db.execute(
        "SELECT 1 FROM refund WHERE merchant_id = ? AND json_extract(body, '$.invoice_id') = ?",
        (merchant_id, invoice_id),
    ).fetchone()
    return found is not None


def _currency_not_held(db: sqlite3.Connection, unit: Json) -> str | None:
    """A seller without a balance in the order's currency must accept each payment by hand."""
    row = db.execute(
        "SELECT currencies FROM merchant WHERE id = ?", (unit["payee"]["merchant_id"],)
    ).fetchone()
    held = json.loads(row["currencies"])
    if held and unit["amount"]["currency_code"] not in held:
        return "RECEIVING_PREFERENCE_MANDATES_MANUAL_ACTION"
    return None


def _breakdown(amount: Json) -> Json:
    gross, currency = Decimal(amount["value"]), amount["currency_code"]
    step = Decimal(1) if currency in WITHOUT_DECIMALS else Decimal("0.01")
    fee = (gross * _FEE).quantize(step, ROUND_HALF_UP)
    return {
        "gross_amount": write_amount(gross, currency),
        "paypal_fee": write_amount(fee, currency),
        "net_amount": write_amount(gross - fee, currency),
    }
