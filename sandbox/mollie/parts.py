"""What becomes of a payment's money: captures, refunds and chargebacks. No HTTP here."""

import json
import sqlite3
from decimal import Decimal

from sandbox.mollie import payments
from sandbox.mollie.events import tell
from sandbox.mollie.gateway import Gateway, iso, new_id, schedule
from sandbox.mollie.money import read_amount, write_amount
from sandbox.mollie.problems import Problem, wrong
from sandbox.stripe.store import Json, load, now

_PREFIXES = {"captures": "cpt", "refunds": "re", "chargebacks": "chb"}
_GONE = ("canceled", "failed")


def capture(db: sqlite3.Connection, gateway: Gateway, payment_id: str, asked: Json) -> Json:
    """Take the money of an approved payment. Raises Problem 422."""
    row = payments.find_payment(db, payment_id)
    payment = load(row)
    if asked.keys() - {"amount", "description", "metadata", "testmode"}:
        raise wrong(min(asked), "Non-existent body parameter for this API call.")
    if payment["status"] != "authorized" or payments.parts_of(db, payment_id, "captures"):
        raise Problem(422, "The payment cannot be captured.")
    if asked.get("amount", payment["amount"]) != payment["amount"]:
        raise wrong("amount", "This gateway captures the whole amount only.")
    how = payments.scenario_of(row).capture
    made = _add(
        db,
        payment,
        "captures",
        {
            "amount": payment["amount"],
            "description": asked.get("description"),
            "metadata": asked.get("metadata"),
            "status": "succeeded" if how == "succeeded" else "pending",
        },
    )
    if how == "succeeded":
        _paid(db, gateway, payment_id, made)
    elif how != "waits":
        action = "capture_succeeds" if how == "pending" else "capture_fails"
        schedule(db, now(db) + gateway.delayed_seconds, action, payment_id)
    return made


def settle_capture(db: sqlite3.Connection, gateway: Gateway, payment_id: str, status: str) -> Json:
    """A capture that was pending has succeeded, or failed. Nothing happens to any other."""
    made = payments.parts_of(db, payment_id, "captures")
    if not made:
        raise Problem(422, "There is no capture.")
    if made[0]["status"] == "pending":
        _change(db, made[0], status=status)
        if status == "succeeded":
            _paid(db, gateway, payment_id, made[0])
        else:
            tell(db, gateway, payment_id, "capture.failed", made[0])
    return made[0]


def refund(db: sqlite3.Connection, gateway: Gateway, payment_id: str, asked: Json) -> Json:
    """Give money back. Raises Problem 422."""
    row = payments.find_payment(db, payment_id)
    payment = load(row)
    if asked.keys() - {"amount", "description", "metadata", "testmode"}:
        raise wrong(min(asked), "Non-existent body parameter for this API call.")
    if payment["status"] != "paid":
        raise Problem(422, "The payment is not paid, and cannot be refunded.")
    value, currency = read_amount(asked.get("amount")), payment["amount"]["currency"]
    if asked["amount"]["currency"] != currency:
        raise wrong("amount.currency", "The currency is another than the payment's.")
    given = [item for item in payments.parts_of(db, payment_id, "refunds") if item["status"] not in _GONE]
    left = Decimal(payment["amount"]["value"]) - sum(
        (Decimal(item["amount"]["value"]) for item in given), Decimal(0)
    )
    if value > left:
        raise wrong("amount", "The specified amount cannot be refunded.")
    how = payments.scenario_of(row).refund
    made = _add(
        db,
        payment,
        "refunds",
        {
            "amount": write_amount(value, currency),
            "description": asked.get("description") or "",
            "metadata": asked.get("metadata"),
            "status": "pending" if how == "pending" else "refunded",
        },
    )
    if how != "pending":
        tell(db, gateway, payment_id, "refund.refunded", made)
    if how != "refunded":
        action = "refund_done" if how == "pending" else "refund_fails"
        schedule(db, now(db) + gateway.delayed_seconds, action, made["id"])
    return made


def settle_refund(db: sqlite3.Connection, gateway: Gateway, refund_id: str, status: str) -> Json:
    """A refund has been paid out, or has come back."""
    made = _find(db, refund_id)
    if made["status"] not in _GONE and made["status"] != status:
        _change(db, made, status=status)
        tell(db, gateway, made["paymentId"], f"refund.{status}", made)
    return made


def charge_back(db: sqlite3.Connection, gateway: Gateway, payment_id: str) -> Json:
    """The payer's bank takes all of the money back. Raises Problem 422."""
    payment = load(payments.find_payment(db, payment_id))
    if payment["status"] != "paid" or payments.parts_of(db, payment_id, "chargebacks"):
        raise Problem(422, "There is nothing to take back.")
    made = _add(db, payment, "chargebacks", {"amount": payment["amount"], "reversedAt": None})
    tell(db, gateway, payment_id, "chargeback.received", made)
    return made


def reverse_chargeback(db: sqlite3.Connection, gateway: Gateway, payment_id: str) -> Json:
    """The seller was right after all. Raises Problem 422."""
    made = payments.parts_of(db, payment_id, "chargebacks")
    if not made:
        raise Problem(422, "There is no chargeback.")
    _change(db, made[0], reversedAt=iso(now(db)))
    tell(db, gateway, payment_id, "chargeback.reversed", made[0])
    return made[0]


def _paid(db: sqlite3.Connection, gateway: Gateway, payment_id: str, made: Json) -> None:
    tell(db, gateway, payment_id, "capture.succeeded", made)
    payments.move(db, gateway, payment_id, "paid", amountCaptured=made["amount"])
    if payments.scenario_of(payments.find_payment(db, payment_id)).chargeback:
        schedule(db, now(db) + gateway.delayed_seconds, "charge_back", payment_id)


def _add(db: sqlite3.Connection, payment: Json, kind: str, more: Json) -> Json:
    made: Json = {
        "resource": kind[:-1],
        "id": new_id(_PREFIXES[kind]),
        "mode": payment["mode"],
        **more,
        "paymentId": payment["id"],
        "createdAt": iso(now(db)),
        "_links": {"payment": payment["_links"]["self"]},
    }
    if kind == "chargebacks":
        del made["mode"]
    db.execute(
        "INSERT INTO part (id, payment_id, kind, body) VALUES (?, ?, ?, ?)",
        (made["id"], payment["id"], kind, json.dumps(made)),
    )
    return made


def _find(db: sqlite3.Connection, part_id: str) -> Json:
    row = db.execute("SELECT body FROM part WHERE id = ?", (part_id,)).fetchone()
    if row is None:
        raise Problem(404, "No such thing.")
    return load(row)


def _change(db: sqlite3.Connection, made: Json, **changes: object) -> None:
    made |= changes
    db.execute("UPDATE part SET body = ? WHERE id = ?", (json.dumps(made), made["id"]))
