"""Payment intents and the charges under them: approved, taken, given up. No HTTP here."""

import sqlite3

from sandbox.stripe.events import tell
from sandbox.stripe.gateway import Gateway, schedule
from sandbox.stripe.objects import add, find, new_id, new_object_id, of_session, save
from sandbox.stripe.problems import Problem
from sandbox.stripe.scenarios import Scenario
from sandbox.stripe.store import Json, load, now

# An approval that nobody captures is given back after this time.
APPROVAL_SECONDS = 7 * 24 * 3600
_DECLINES = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "authentication_required": (
        "payment_intent_authentication_failure",
        "The provided PaymentMethod has failed authentication.",
    ),
}


def create_intent(db: sqlite3.Connection, account_id: str, session: Json) -> Json:
    """The intent of a session, made when its payer first confirms."""
    asked = session["_intent"]
    intent_id = new_object_id("payment_intent", session["livemode"])
    intent: Json = {
        "id": intent_id,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "application_fee_amount": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": asked.get("capture_method", "automatic"),
        "confirmation_method": "automatic",
        "created": int(now(db)),
        "currency": session["currency"],
        "description": asked.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": session["livemode"],
        "metadata": asked.get("metadata") or {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method_options": session["payment_method_options"],
        "payment_method_types": session["payment_method_types"],
        "status": "requires_payment_method",
        "transfer_data": None,
    }
    return add(db, account_id, session["id"], intent)


def decline(
    db: sqlite3.Connection, gateway: Gateway, account_id: str, session_id: str, intent: Json, why: str
) -> None:
    """The bank refuses; another card may be tried."""
    code, message = _DECLINES[why]
    error = {"type": "card_error", "code": code, "message": message}
    if code == "card_declined":
        error["decline_code"] = why
    intent |= {"status": "requires_payment_method", "last_payment_error": error, "next_action": None}
    save(db, intent)
    tell(db, gateway, account_id, session_id, "payment_intent.payment_failed", intent)


def ask_bank(
    db: sqlite3.Connection, gateway: Gateway, account_id: str, session_id: str, intent: Json
) -> None:
    """The payer has to show the bank that it is them (3-D Secure)."""
    address = f"{gateway.base_url}/c/pay/{session_id}/authenticate"
    intent |= {
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": address, "return_url": address},
        },
    }
    save(db, intent)
    tell(db, gateway, account_id, session_id, "payment_intent.requires_action", intent)


def confirm(
    db: sqlite3.Connection,
    gateway: Gateway,
    account_id: str,
    session_id: str,
    intent: Json,
    scenario: Scenario,
    authenticated: bool,
) -> None:
    """The payer agrees to pay: approved and held, taken at once, or coming later."""
    at = now(db)
    intent |= {"next_action": None, "last_payment_error": None}
    if scenario.delayed:
        intent["status"] = "processing"
        save(db, intent)
        tell(db, gateway, account_id, session_id, "payment_intent.processing", intent)
        if scenario.delayed != "wait":
            schedule(db, at + gateway.delayed_seconds, scenario.delayed, session_id)
        return
    held = intent["capture_method"] == "manual"
    charge = _charge(
        db, account_id, session_id, intent, captured=not held, method=_card(scenario, authenticated)
    )
    if not held:
        _received(db, gateway, account_id, session_id, intent, charge)
        return
    intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
    save(db, intent)
    tell(db, gateway, account_id, session_id, "charge.succeeded", charge)
    tell(db, gateway, account_id, session_id, "payment_intent.amount_capturable_updated", intent)
    if scenario.lapses:
        lapse(db, gateway, session_id)
    else:
        schedule(db, at + APPROVAL_SECONDS, "lapse", session_id)


def capture(db: sqlite3.Connection, gateway: Gateway, row: sqlite3.Row, scenario: Scenario) -> Json:
    """Take the money that was approved. Raises Problem where there is none."""
    intent = load(row)
    if intent["status"] != "requires_capture":
        raise _unexpected(intent, "captured", "requires_capture")
    (charge,) = of_session(db, row["session_id"], "charge")
    charge |= {"captured": True, "amount_captured": charge["amount"]}
    save(db, charge)
    tell(db, gateway, row["account_id"], row["session_id"], "charge.captured", charge)
    _received(db, gateway, row["account_id"], row["session_id"], intent, charge)
    session = load(find(db, "checkout.session", row["session_id"]))
    save(db, session | {"payment_status": "paid"})
    if scenario.dispute:
        schedule(db, now(db) + gateway.delayed_seconds, "dispute", row["session_id"])
    return intent


def cancel(db: sqlite3.Connection, gateway: Gateway, row: sqlite3.Row, reason: str | None) -> Json:
    """Give an approval back. Raises Problem for an intent that cannot be given up."""
    intent = load(row)
    if intent["status"] not in ("requires_payment_method", "requires_action", "requires_capture"):
        raise _unexpected(intent, "canceled", "requires_payment_method, requires_capture, requires_action")
    close(db, gateway, row["account_id"], row["session_id"], intent, reason)
    return intent


def close(
    db: sqlite3.Connection,
    gateway: Gateway,
    account_id: str,
    session_id: str,
    intent: Json,
    reason: str | None,
) -> None:
    """Nothing can be taken with this intent any more."""
    for charge in of_session(db, session_id, "charge"):
        charge |= {"refunded": True, "amount_refunded": charge["amount"]}  # as Stripe shows a released hold
        save(db, charge)
    intent |= {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": int(now(db)),
        "cancellation_reason": reason,
        "next_action": None,
    }
    save(db, intent)
    tell(db, gateway, account_id, session_id, "payment_intent.canceled", intent)


def lapse(db: sqlite3.Connection, gateway: Gateway, session_id: str) -> None:
    """The bank takes its approval back. Nothing happens to any other intent."""
    row = find(db, "checkout.session", session_id)
    for intent in of_session(db, session_id, "payment_intent"):
        if intent["status"] == "requires_capture":
            close(db, gateway, row["account_id"], session_id, intent, "automatic")


def succeed(db: sqlite3.Connection, gateway: Gateway, session_id: str) -> None:
    """A delayed payment comes in. Nothing happens to any other."""
    row = find(db, "checkout.session", session_id)
    session = load(row)
    for intent in of_session(db, session_id, "payment_intent"):
        if intent["status"] != "processing":
            continue
        charge = _charge(
            db, row["account_id"], session_id, intent, captured=True, method={"type": "sepa_debit"}
        )
        _received(db, gateway, row["account_id"], session_id, intent, charge)
        session["payment_status"] = "paid"
        save(db, session)
        _tell_session(db, gateway, row, session, "checkout.session.async_payment_succeeded")


def fail(db: sqlite3.Connection, gateway: Gateway, session_id: str) -> None:
    """A delayed payment does not come. Nothing happens to any other."""
    row = find(db, "checkout.session", session_id)
    for intent in of_session(db, session_id, "payment_intent"):
        if intent["status"] != "processing":
            continue
        decline(db, gateway, row["account_id"], session_id, intent, "generic_decline")
        _tell_session(db, gateway, row, load(row), "checkout.session.async_payment_failed")


def _tell_session(
    db: sqlite3.Connection, gateway: Gateway, row: sqlite3.Row, session: Json, event_type: str
) -> None:
    shown = {name: value for name, value in session.items() if not name.startswith("_")}
    tell(db, gateway, row["account_id"], row["id"], event_type, shown)


def _received(
    db: sqlite3.Connection, gateway: Gateway, account_id: str, session_id: str, intent: Json, charge: Json
) -> None:
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": charge["amount"]}
    save(db, intent)
    tell(db, gateway, account_id, session_id, "payment_intent.succeeded", intent)


def _charge(
    db: sqlite3.Connection, account_id: str, session_id: str, intent: Json, *, captured: bool, method: Json
) -> Json:
    charge: Json = {
        "id": new_object_id("charge", intent["livemode"]),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "application_fee_amount": None,
        "balance_transaction": new_id("txn") if captured else None,
        "billing_details": {
            "address": None,
            "email": None,
            "name": "Sam Sample",
            "phone": None,
            "tax_id": None,
        },
        "captured": captured,
        "created": int(now(db)),
        "currency": intent["currency"],
        "disputed": False,
        "livemode": intent["livemode"],
        "metadata": intent["metadata"],
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method_details": method,
        "refunded": False,
        "status": "succeeded",
    }
    intent["latest_charge"] = charge["id"]
    return add(db, account_id, session_id, charge)


def _card(scenario: Scenario, authenticated: bool) -> Json:
    secure = (
        {"result": "authenticated", "version": "2.2.0", "authentication_flow": "challenge"}
        if authenticated
        else None
    )
    return {
        "type": "card",
        "card": {
            "brand": "visa",
            "exp_month": 12,
            "exp_year": 2034,
            "last4": scenario.number[-4:],
            "funding": "credit",
            "three_d_secure": secure,
        },
    }


def _unexpected(intent: Json, done: str, wanted: str) -> Problem:
    return Problem(
        400,
        "payment_intent_unexpected_state",
        f"This PaymentIntent could not be {done} because it has a status of {intent['status']}. Only a PaymentIntent "
        f"with one of the following statuses may be {done}: {wanted}.",
        kept=True,
    )
