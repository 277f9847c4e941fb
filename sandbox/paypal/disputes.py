"""Disputes about captures: opened by a payer or their bank, and what they move. No HTTP here."""

import json
import sqlite3
from decimal import Decimal

from sandbox.paypal.captures import find_capture
from sandbox.paypal.events import tell
from sandbox.paypal.gateway import Gateway
from sandbox.paypal.money import write_amount
from sandbox.paypal.names import iso, new_id
from sandbox.paypal.partners import consent_of, profile
from sandbox.paypal.problems import Problem
from sandbox.paypal.store import Json, load, now

STAGES = ("INQUIRY", "CHARGEBACK")
OUTCOMES = {"won": "RESOLVED_SELLER_FAVOUR", "lost": "RESOLVED_BUYER_FAVOUR", "given_up": "CANCELED_BY_BUYER"}
_REFUND_SECONDS = 180 * 86400
_FEE = Decimal(16)


def open_dispute(db: sqlite3.Connection, gateway: Gateway, capture_id: str, stage: str) -> Json:
    """A payer asks for their money. At stage CHARGEBACK it is taken from the seller at once. Raises Problem."""
    capture = load(find_capture(db, capture_id))
    if stage not in STAGES or capture["status"] not in ("COMPLETED", "PARTIALLY_REFUNDED"):
        raise Problem(422, "INVALID_PARAMETER_VALUE", "/stage")
    dispute_id = f"PP-D-{new_id(6)}"
    own = f"{gateway.base_url}/v1/customer/disputes/{dispute_id}"
    dispute: Json = {
        "dispute_id": dispute_id,
        "create_time": iso(now(db)),
        "update_time": iso(now(db)),
        "disputed_transactions": [
            {
                "seller_transaction_id": capture_id,
                "create_time": capture["create_time"],
                "transaction_status": "COMPLETED",
                "gross_amount": capture["amount"],
                "seller": {"merchant_id": capture["payee"]["merchant_id"]},
                **({"custom": capture["custom_id"]} if "custom_id" in capture else {}),
            }
        ],
        "reason": "UNAUTHORISED",
        "status": "WAITING_FOR_SELLER_RESPONSE",
        "dispute_amount": capture["amount"],
        "dispute_life_cycle_stage": stage,
        "dispute_channel": "INTERNAL" if stage == "INQUIRY" else "EXTERNAL",
        "links": [{"href": own, "rel": "self", "method": "GET"}],
    }
    if stage == "CHARGEBACK":
        _move(db, dispute, "DEBIT")
    db.execute(
        "INSERT INTO dispute (id, capture_id, body) VALUES (?, ?, ?)",
        (dispute_id, capture_id, json.dumps(dispute)),
    )
    _tell(db, gateway, "CREATED", dispute)
    return dispute


def escalate(db: sqlite3.Connection, gateway: Gateway, dispute_id: str) -> Json:
    """An inquiry becomes a claim: the seller's money is taken until it is decided."""
    dispute = load(find_dispute(db, dispute_id))
    if dispute["dispute_life_cycle_stage"] == "INQUIRY" and dispute["status"] != "RESOLVED":
        dispute |= {"dispute_life_cycle_stage": "CHARGEBACK", "status": "UNDER_REVIEW"}
        _move(db, dispute, "DEBIT")
        _save(db, gateway, "UPDATED", dispute)
    return dispute


def resolve(db: sqlite3.Connection, gateway: Gateway, dispute_id: str, outcome: str) -> Json:
    """Decide it, in one of OUTCOMES. Nothing happens to one that is decided. Raises Problem."""
    dispute = load(find_dispute(db, dispute_id))
    if outcome not in OUTCOMES:
        raise Problem(400, "INVALID_PARAMETER_VALUE", "/outcome")
    if dispute["status"] == "RESOLVED":
        return dispute
    taken = dispute["dispute_life_cycle_stage"] == "CHARGEBACK"
    if taken and outcome != "lost":
        _move(db, dispute, "CREDIT")
    elif not taken and outcome == "lost":
        _move(db, dispute, "DEBIT")
    dispute |= {"status": "RESOLVED", "dispute_outcome": {"outcome_code": OUTCOMES[outcome]}}
    if outcome == "lost":
        dispute["dispute_outcome"]["amount_refunded"] = dispute["dispute_amount"]
    _save(db, gateway, "RESOLVED", dispute)
    return dispute


def find_dispute(db: sqlite3.Connection, dispute_id: str) -> sqlite3.Row:
    """The row of a dispute. Raises Problem 404."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM dispute WHERE id = ?", (dispute_id,)).fetchone()
    if row is None:
        raise Problem(404, "INVALID_RESOURCE_ID")
    return row


def disputes_of(db: sqlite3.Connection, capture_id: str) -> list[Json]:
    """All disputes about a capture, the oldest first."""
    rows = db.execute("SELECT body FROM dispute WHERE capture_id = ? ORDER BY rowid", (capture_id,))
    return [load(row) for row in rows]


def check_refundable(db: sqlite3.Connection, capture: Json, asked: Json) -> None:
    """What keeps PayPal's API from a refund that a seller may still make on its site. Raises Problem."""
    known = [each for each in disputes_of(db, capture["id"]) if each["status"] != "RESOLVED"]
    if any(each["dispute_life_cycle_stage"] == "CHARGEBACK" for each in known):
        raise Problem(422, "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK")
    if known and "amount" in asked and asked["amount"] != capture["amount"]:
        raise Problem(422, "TRANSACTION_DISPUTED")
    if iso(now(db) - _REFUND_SECONDS) > capture["create_time"]:
        raise Problem(422, "REFUND_TIME_LIMIT_EXCEEDED")
    if profile(db, capture["payee"]["merchant_id"])["empty"]:
        raise Problem(422, "REFUND_FAILED_INSUFFICIENT_FUNDS")


def _move(db: sqlite3.Connection, dispute: Json, kind: str) -> None:
    """The payment's money to the payer (DEBIT) or back (CREDIT), and PayPal's own price for the former."""
    at, amount = iso(now(db)), dispute["dispute_amount"]
    moved = {"affected_party": "SELLER", "initiated_time": at, "type": kind}
    movements = dispute.setdefault("money_movements", [])
    movements.append(moved | {"amount": amount, "reason": "DISPUTE_SETTLEMENT"})
    if kind == "DEBIT":
        movements.append(
            moved | {"amount": write_amount(_FEE, amount["currency_code"]), "reason": "CHARGEBACK_FEE"}
        )


def _save(db: sqlite3.Connection, gateway: Gateway, what: str, dispute: Json) -> None:
    dispute["update_time"] = iso(now(db))
    db.execute("UPDATE dispute SET body = ? WHERE id = ?", (json.dumps(dispute), dispute["dispute_id"]))
    _tell(db, gateway, what, dispute)


def _tell(db: sqlite3.Connection, gateway: Gateway, what: str, dispute: Json) -> None:
    """Sellers hear of their own disputes; a platform of those that its sellers let it read."""
    (disputed,) = dispute["disputed_transactions"]
    capture = find_capture(db, disputed["seller_transaction_id"])
    payee, caller = disputed["seller"]["merchant_id"], capture["merchant_id"]
    consent = consent_of(db, caller, payee)
    if payee == caller or (consent and "READ_SELLER_DISPUTE" in consent.features):
        tell(db, gateway, f"CUSTOMER.DISPUTE.{what}", capture["order_id"], dispute)
