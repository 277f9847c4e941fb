"""Payments: opened, approved on the page, captured, given up. No HTTP here."""

import json
import sqlite3
from typing import Any
from urllib.parse import urlsplit

from sandbox.mollie.events import tell
from sandbox.mollie.gateway import Gateway, iso, new_id, schedule
from sandbox.mollie.money import read_amount
from sandbox.mollie.problems import Problem, wrong
from sandbox.mollie.scenarios import SCENARIOS, Scenario, scenario_of_amount
from sandbox.stripe.store import Json, load, now

OPEN_SECONDS = 30 * 60
APPROVED_SECONDS = 7 * 24 * 3600
_NEEDED = {"amount", "description", "redirectUrl", "profileId"}
_KNOWN = {*_NEEDED, "cancelUrl", "webhookUrl", "locale", "method", "captureMode", "metadata", "testmode"}
_MOMENTS = {"authorized": "authorizedAt", "paid": "paidAt", "canceled": "canceledAt", "expired": "expiredAt"}


def create_payment(db: sqlite3.Connection, gateway: Gateway, seller: sqlite3.Row, asked: Json) -> Json:
    """Open a payment of a seller's. Raises Problem 422."""
    _check(seller, asked)
    at, payment_id = now(db), new_id("tr")
    own = f"{gateway.base_url}/v2/payments/{payment_id}"
    payment: Json = {
        "resource": "payment",
        "id": payment_id,
        "mode": "test" if asked.get("testmode") else "live",
        "createdAt": iso(at),
        "amount": asked["amount"],
        "description": asked["description"],
        "method": asked["method"],
        "metadata": asked.get("metadata"),
        "status": "open",
        "isCancelable": True,
        "captureMode": asked["captureMode"],
        "locale": asked.get("locale"),
        "profileId": seller["profile_id"],
        "sequenceType": "oneoff",
        "redirectUrl": asked["redirectUrl"],
        "cancelUrl": asked.get("cancelUrl"),
        "webhookUrl": asked.get("webhookUrl"),
        "expiresAt": iso(at + OPEN_SECONDS),
        "_links": {
            "self": {"href": own, "type": "application/hal+json"},
            "checkout": {"href": f"{gateway.base_url}/checkout/{payment_id}", "type": "text/html"},
            "dashboard": {"href": f"{gateway.base_url}/", "type": "text/html"},
        },
    }
    db.execute(
        "INSERT INTO payment (id, organisation_id, scenario, body) VALUES (?, ?, ?, ?)",
        (payment_id, seller["id"], scenario_of_amount(asked["amount"]["value"]), json.dumps(payment)),
    )
    schedule(db, at + OPEN_SECONDS, "expire", payment_id)
    return payment


def find_payment(
    db: sqlite3.Connection, payment_id: str, seller_id: str | None = None, mode: str | None = None
) -> sqlite3.Row:
    """The row of a payment (of that seller and mode, if given). Raises Problem 404."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM payment WHERE id = ? AND NOT forgotten", (payment_id,)
    ).fetchone()
    if (
        row is None
        or seller_id not in (None, row["organisation_id"])
        or mode not in (None, load(row)["mode"])
    ):
        raise Problem(404, "No payment exists with token " + payment_id + ".")
    return row


def show_payment(db: sqlite3.Connection, row: sqlite3.Row, embed: str = "") -> Json:
    """A payment as Mollie answers it, with the parts that are asked for."""
    payment = load(row)
    wanted = [name for name in ("captures", "refunds", "chargebacks") if name in embed.split(",")]
    if wanted:
        payment["_embedded"] = {name: parts_of(db, row["id"], name) for name in wanted}
    return payment


def parts_of(db: sqlite3.Connection, payment_id: str, kind: str) -> list[Json]:
    """All captures, refunds or chargebacks of a payment, oldest first."""
    rows = db.execute(
        "SELECT body FROM part WHERE payment_id = ? AND kind = ? ORDER BY rowid", (payment_id, kind)
    )
    return [load(row) for row in rows]


def pay(db: sqlite3.Connection, gateway: Gateway, payment_id: str, choice: str | None) -> Json:
    """As the payer does on the page; by default what the amount says. Raises Problem where it is not open."""
    row = find_payment(db, payment_id)
    if load(row)["status"] != "open":
        raise Problem(422, "The payment is not open anymore.")
    scenario = SCENARIOS[choice or row["scenario"]]
    db.execute("UPDATE payment SET scenario = ? WHERE id = ?", (scenario.code, payment_id))
    if scenario.status == "authorized":
        return authorize(db, gateway, payment_id)
    if scenario.bank:
        schedule(db, now(db) + gateway.delayed_seconds, scenario.bank, payment_id)
    more = {"details": {"failureReason": scenario.reason}} if scenario.reason else {}
    return move(db, gateway, payment_id, scenario.status, **more)


def authorize(db: sqlite3.Connection, gateway: Gateway, payment_id: str) -> Json:
    """The bank holds the money; nothing is taken yet."""
    row = find_payment(db, payment_id)
    if load(row)["status"] not in ("open", "pending"):
        return load(row)
    until = now(db) + APPROVED_SECONDS
    done = move(db, gateway, payment_id, "authorized", captureBefore=iso(until))
    schedule(db, now(db) if scenario_of(row).lapses else until, "lapse", payment_id)
    return done


def fail(db: sqlite3.Connection, gateway: Gateway, payment_id: str) -> Json:
    """The bank says no to a payment that was pending."""
    payment = load(find_payment(db, payment_id))
    if payment["status"] != "pending":
        return payment
    return move(db, gateway, payment_id, "failed", details={"failureReason": "refused_by_issuer"})


def expire(db: sqlite3.Connection, gateway: Gateway, payment_id: str) -> Json:
    """Nobody has paid in time."""
    payment = load(find_payment(db, payment_id))
    return move(db, gateway, payment_id, "expired") if payment["status"] == "open" else payment


def lapse(db: sqlite3.Connection, gateway: Gateway, payment_id: str) -> Json:
    """The bank takes its approval back, unless the money was taken or is being taken."""
    payment = load(find_payment(db, payment_id))
    taken = any(capture["status"] != "failed" for capture in parts_of(db, payment_id, "captures"))
    if payment["status"] != "authorized" or taken:
        return payment
    return move(db, gateway, payment_id, "expired")


def cancel(db: sqlite3.Connection, gateway: Gateway, payment_id: str) -> Json:
    """The seller closes an open payment. Raises Problem 422."""
    if load(find_payment(db, payment_id))["status"] != "open":
        raise Problem(422, "The payment cannot be canceled.")
    return move(db, gateway, payment_id, "canceled")


def release(db: sqlite3.Connection, gateway: Gateway, payment_id: str) -> Json:
    """The seller gives an approval back. Raises Problem 422."""
    if load(find_payment(db, payment_id))["status"] != "authorized":
        raise Problem(422, "The payment has no authorization to release.")
    return move(db, gateway, payment_id, "canceled")


def move(db: sqlite3.Connection, gateway: Gateway, payment_id: str, status: str, **more: Any) -> Json:
    """Into another status, and tell the seller."""
    payment = load(find_payment(db, payment_id))
    payment |= {"status": status, **more}
    if status in _MOMENTS:
        payment[_MOMENTS[status]] = iso(now(db))
    payment["_links"].pop("checkout", None)
    payment.pop("isCancelable", None)
    db.execute("UPDATE payment SET body = ? WHERE id = ?", (json.dumps(payment), payment_id))
    tell(db, gateway, payment_id, f"payment.{status}", payment)
    return payment


def scenario_of(row: sqlite3.Row) -> Scenario:
    """What the payer has chosen."""
    return SCENARIOS[row["scenario"]]


def _check(seller: sqlite3.Row, asked: Json) -> None:
    for name in sorted(_NEEDED - asked.keys()):
        raise wrong(name, f"The {name} is required.")
    for name in sorted(asked.keys() - _KNOWN):
        raise wrong(name, f"Non-existent body parameter '{name}' for this API call.")
    read_amount(asked["amount"])
    for name in ("redirectUrl", "cancelUrl", "webhookUrl"):
        if asked.get(name) is not None and urlsplit(str(asked[name])).scheme not in ("http", "https"):
            raise wrong(name, f"The {name} is invalid.")
    if not isinstance(asked["description"], str) or not asked["description"]:
        raise wrong("description", "The description is invalid.")
    if asked["profileId"] != seller["profile_id"]:
        raise wrong("profileId", "The profile is not yours, or is blocked.")
    if asked.get("method") != "creditcard" or seller["cards"] != "activated":
        raise wrong("method", "The payment method is not enabled in your website profile.")
    if asked.get("captureMode") != "manual":
        raise wrong("captureMode", "This gateway takes money by a capture only.")
    if len(json.dumps(asked.get("metadata"))) > 1024:
        raise wrong("metadata", "The metadata is too long.")
