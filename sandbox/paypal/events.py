"""Webhook events: composed when something happens, put in the outbox of the same transaction."""

import json
import secrets
import sqlite3
import uuid

from sandbox.paypal.gateway import Gateway
from sandbox.paypal.names import iso
from sandbox.paypal.scenarios import SCENARIOS
from sandbox.paypal.store import Json, now

ALL_EVENTS = [
    "CHECKOUT.ORDER.APPROVED",
    "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
    "CUSTOMER.DISPUTE.CREATED",
    "CUSTOMER.DISPUTE.RESOLVED",
    "CUSTOMER.DISPUTE.UPDATED",
    "PAYMENT.CAPTURE.COMPLETED",
    "PAYMENT.CAPTURE.DECLINED",
    "PAYMENT.CAPTURE.DENIED",
    "PAYMENT.CAPTURE.PENDING",
    "PAYMENT.CAPTURE.REFUNDED",
    "PAYMENT.CAPTURE.REVERSED",
]

_SUMMARIES = {
    "CHECKOUT.ORDER.APPROVED": "An order has been approved by buyer",
    "CHECKOUT.PAYMENT-APPROVAL.REVERSED": "A payment has been reversed after approval.",
    "CUSTOMER.DISPUTE.CREATED": "A new dispute opened with Case # {dispute}",
    "CUSTOMER.DISPUTE.RESOLVED": "A dispute was resolved with case # {dispute}",
    "CUSTOMER.DISPUTE.UPDATED": "A dispute was updated with case # {dispute}",
    "MERCHANT.ONBOARDING.COMPLETED": "The merchant account setup is completed",
    "MERCHANT.PARTNER-CONSENT.REVOKED": "The Account setup consents has been revoked or the merchant account is closed",
    "PAYMENT.CAPTURE.COMPLETED": "Payment completed for {amount}",
    "PAYMENT.CAPTURE.DECLINED": "A capture of {amount} was declined",
    "PAYMENT.CAPTURE.DENIED": "A pending capture of {amount} was denied",
    "PAYMENT.CAPTURE.PENDING": "Payment pending for {amount}",
    "PAYMENT.CAPTURE.REFUNDED": "A {amount} capture payment was refunded",
}

_RESOURCES = {"CHECKOUT": "checkout-order", "CUSTOMER": "dispute", "MERCHANT": "merchant-onboarding"}

# In the out-of-order scenario a message waits this long for a later one to overtake it.
_OVERTAKE_SECONDS = 5.0


def tell(db: sqlite3.Connection, gateway: Gateway, event_type: str, order_id: str, resource: Json) -> None:
    """Put an event in the outbox of every webhook of the order's seller that asked for its type."""
    order = db.execute("SELECT merchant_id, scenario FROM orders WHERE id = ?", (order_id,)).fetchone()
    at = now(db)
    event_id = _record(db, gateway, event_type, order["merchant_id"], order_id, resource)
    how = SCENARIOS[order["scenario"]].webhooks
    if how == "none":
        return
    due = at + gateway.late_seconds if how == "late" else at
    if how == "reversed_order":
        if event_type == "CHECKOUT.ORDER.APPROVED":
            due = at + _OVERTAKE_SECONDS
        else:
            _let_overtake(db, order_id, at)
    for _ in range(2 if how == "twice" else 1):
        post(db, event_id, due=due, forged=how == "forged")


def tell_about_account(
    db: sqlite3.Connection, gateway: Gateway, event_type: str, merchant_id: str, resource: Json
) -> None:
    """Put an event that is about no order in the outbox of every webhook of this application's owner."""
    post(db, _record(db, gateway, event_type, merchant_id, "", resource), due=now(db))


def _record(
    db: sqlite3.Connection,
    gateway: Gateway,
    event_type: str,
    merchant_id: str,
    order_id: str,
    resource: Json,
) -> str:
    at = now(db)
    event_id = f"WH-{secrets.token_hex(9).upper()[:17]}-{secrets.token_hex(9).upper()[:17]}"
    amount = resource.get("amount", {})
    other = "refund" if event_type == "PAYMENT.CAPTURE.REFUNDED" else "capture"
    event = {
        "id": event_id,
        "event_version": "1.0",
        "create_time": iso(at),
        "resource_type": _RESOURCES.get(event_type.partition(".")[0], other),
        "resource_version": "2.0",
        "event_type": event_type,
        "summary": _SUMMARIES[event_type].format(
            amount=f"{amount.get('currency_code', '')} {amount.get('value', '')}",
            dispute=resource.get("dispute_id", ""),
        ),
        "resource": resource,
        "links": [
            {
                "href": f"{gateway.base_url}/v1/notifications/webhooks-events/{event_id}",
                "rel": "self",
                "method": "GET",
            },
            {
                "href": f"{gateway.base_url}/v1/notifications/webhooks-events/{event_id}/resend",
                "rel": "resend",
                "method": "POST",
            },
        ],
    }
    db.execute(
        "INSERT INTO event (id, merchant_id, order_id, body, at) VALUES (?, ?, ?, ?, ?)",
        (event_id, merchant_id, order_id, json.dumps(event), at),
    )
    return event_id


def post(
    db: sqlite3.Connection, event_id: str, due: float, forged: bool = False, only: list[str] | None = None
) -> int:
    """Queue an event for its seller's webhooks (`only` those ids if given); how many."""
    event = db.execute("SELECT merchant_id, body FROM event WHERE id = ?", (event_id,)).fetchone()
    event_type = json.loads(event["body"])["event_type"]
    count = 0
    for webhook in db.execute(
        "SELECT * FROM webhook WHERE merchant_id = ?", (event["merchant_id"],)
    ).fetchall():
        wanted = json.loads(webhook["event_types"])
        if (event_type in wanted or "*" in wanted) and (only is None or webhook["id"] in only):
            db.execute(
                "INSERT INTO delivery (id, event_id, webhook_id, due, forged, state) "
                "VALUES (?, ?, ?, ?, ?, 'waiting')",
                (str(uuid.uuid4()), event_id, webhook["id"], due, forged),
            )
            count += 1
    return count


def _let_overtake(db: sqlite3.Connection, order_id: str, at: float) -> None:
    """Earlier messages of the order go out just after the one that is now queued."""
    db.execute(
        "UPDATE delivery SET due = ? WHERE state = 'waiting' "
        "AND event_id IN (SELECT id FROM event WHERE order_id = ?)",
        (at + 0.01, order_id),
    )
