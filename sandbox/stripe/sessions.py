"""Checkout Sessions: opened by a seller, completed by a payer, or expired. No HTTP here."""

import sqlite3
from typing import Any
from urllib.parse import urlsplit

from sandbox.stripe import intents
from sandbox.stripe.events import tell
from sandbox.stripe.forms import check_known, whole_number
from sandbox.stripe.gateway import Gateway, schedule
from sandbox.stripe.money import read_amount
from sandbox.stripe.objects import add, find, new_object_id, of_session, save
from sandbox.stripe.problems import Problem, wrong
from sandbox.stripe.scenarios import SCENARIOS, Scenario, scenario_of_amount
from sandbox.stripe.store import Json, load, now

SHORTEST, LONGEST = 30 * 60, 24 * 3600
METHODS = frozenset({"card", "sepa_debit"})
_KNOWN = {
    *(
        "mode",
        "line_items",
        "success_url",
        "cancel_url",
        "client_reference_id",
        "metadata",
        "expires_at",
        "locale",
    ),
    *("payment_intent_data", "payment_method_types", "payment_method_options", "customer_email", "expand"),
    *("adaptive_pricing", "submit_type"),
}
_KNOWN_OF_INTENT = {"capture_method", "metadata", "description", "statement_descriptor_suffix"}


def create_session(db: sqlite3.Connection, gateway: Gateway, account: sqlite3.Row, asked: Json) -> Json:
    """A new session of the account that the call is for. Raises Problem."""
    check_known(asked, _KNOWN)
    if asked.get("mode") != "payment":
        raise wrong("mode", "This gateway has sessions of mode payment only.")
    at, livemode = int(now(db)), bool(account["livemode"])
    amount, currency, name = _total(asked.get("line_items"))
    _check_address(asked.get("success_url"), "success_url")
    if "cancel_url" in asked:
        _check_address(asked["cancel_url"], "cancel_url")
    expires_at = whole_number(asked.get("expires_at", str(at + LONGEST)), "expires_at")
    if not at + SHORTEST <= expires_at <= at + LONGEST:
        raise wrong(
            "expires_at",
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.",
            "parameter_invalid_integer",
        )
    methods = asked.get("payment_method_types") or ["card"]
    if not isinstance(methods, list) or set(methods) - METHODS:
        raise wrong("payment_method_types", "The payment method type provided is invalid.")
    data = asked.get("payment_intent_data") or {}
    check_known(data, _KNOWN_OF_INTENT, "payment_intent_data")
    if data.get("capture_method", "automatic") not in ("automatic", "automatic_async", "manual"):
        raise wrong("payment_intent_data[capture_method]", "Invalid capture_method.")
    session_id = new_object_id("checkout.session", livemode)
    options = asked.get("payment_method_options") or {}
    session: Json = {
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": (asked.get("adaptive_pricing") or {}).get("enabled") != "false"},
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": asked.get("cancel_url"),
        "client_reference_id": asked.get("client_reference_id"),
        "created": at,
        "currency": currency,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer_email": asked.get("customer_email"),
        "expires_at": expires_at,
        "livemode": livemode,
        "locale": asked.get("locale"),
        "metadata": asked.get("metadata") or {},
        "mode": "payment",
        "payment_intent": None,
        "payment_method_options": options,
        "payment_method_types": methods,
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": asked["success_url"],
        "url": f"{gateway.base_url}/c/pay/{session_id}",
    }
    kept = session | {"_intent": data, "_name": name}
    add(db, account["id"], session_id, kept)
    db.execute(
        "INSERT INTO scenario (session_id, code) VALUES (?, ?)", (session_id, scenario_of_amount(amount))
    )
    schedule(db, expires_at, "expire", session_id)
    return session


def show_session(session: Json) -> Json:
    """What a seller sees of a session: nothing that this gateway keeps for itself."""
    return {name: value for name, value in session.items() if not name.startswith("_")}


def scenario_of(db: sqlite3.Connection, session_id: str) -> Scenario:
    """What the payer chose, or what the amount says."""
    row = db.execute("SELECT code FROM scenario WHERE session_id = ?", (session_id,)).fetchone()
    return SCENARIOS[row["code"]]


def pay(
    db: sqlite3.Connection,
    gateway: Gateway,
    session_id: str,
    scenario: str | None,
    *,
    authenticated: bool = False,
) -> str:
    """The payer presses a button. What became of it: paid | declined | authenticate | over.

    `authenticated`: the payer has shown the bank that it is them. A session that is not open is over.
    """
    row = find(db, "checkout.session", session_id)
    session = load(row)
    if session["status"] != "open":
        return "over"
    if scenario is not None:
        db.execute("UPDATE scenario SET code = ? WHERE session_id = ?", (scenario, session_id))
    chosen = scenario_of(db, session_id)
    if chosen.code == "cancel":
        return "over"
    found = of_session(db, session_id, "payment_intent")
    intent = found[-1] if found else intents.create_intent(db, row["account_id"], session)
    session["payment_intent"] = intent["id"]
    save(db, session)
    if chosen.declined:
        intents.decline(db, gateway, row["account_id"], session_id, intent, chosen.declined)
        return "declined"
    if (chosen.three_d_secure or _asks_always(session)) and not chosen.delayed and not authenticated:
        intents.ask_bank(db, gateway, row["account_id"], session_id, intent)
        return "authenticate"
    intents.confirm(db, gateway, row["account_id"], session_id, intent, chosen, authenticated)
    settled = load(find(db, "payment_intent", intent["id"]))["status"] == "succeeded"
    session |= {"status": "complete", "url": None, "payment_status": "paid" if settled else "unpaid"}
    save(db, session)
    tell(db, gateway, row["account_id"], session_id, "checkout.session.completed", show_session(session))
    return "paid"


def refuse_authentication(db: sqlite3.Connection, gateway: Gateway, session_id: str) -> None:
    """The payer could not show the bank that it is them; another card may be tried."""
    row = find(db, "checkout.session", session_id)
    for intent in of_session(db, session_id, "payment_intent"):
        if intent["status"] == "requires_action":
            intents.decline(db, gateway, row["account_id"], session_id, intent, "authentication_required")


def expire(db: sqlite3.Connection, gateway: Gateway, session_id: str) -> Json:
    """Close an open session. Raises Problem for any other."""
    row = find(db, "checkout.session", session_id)
    session = load(row)
    if session["status"] != "open":
        raise Problem(
            400,
            None,
            f"Only Checkout Sessions with a status in ['open'] can be expired. This session has a status of "
            f"{session['status']}.",
            kept=True,
        )
    session |= {"status": "expired", "url": None}
    save(db, session)
    for intent in of_session(db, session_id, "payment_intent"):
        if intent["status"] in ("requires_payment_method", "requires_action"):
            intents.close(db, gateway, row["account_id"], session_id, intent, "abandoned")
    tell(db, gateway, row["account_id"], session_id, "checkout.session.expired", show_session(session))
    return session


def _asks_always(session: Json) -> bool:
    options = session["payment_method_options"].get("card") or {}
    return bool(options.get("request_three_d_secure") in ("any", "challenge"))


def _total(items: Any) -> tuple[int, str, str]:
    if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
        raise wrong("line_items", "This gateway takes exactly one line item.", "parameter_missing")
    check_known(items[0], {"price_data", "quantity"}, "line_items[0]")
    price = items[0].get("price_data") or {}
    check_known(price, {"currency", "unit_amount", "product_data"}, "line_items[0][price_data]")
    currency, product = str(price.get("currency", "")), price.get("product_data") or {}
    if len(currency) != 3 or not currency.isascii() or currency != currency.lower():
        raise wrong("line_items[0][price_data][currency]", f"Invalid currency: {currency}")
    if not product.get("name"):
        raise wrong(
            "line_items[0][price_data][product_data][name]", "Missing required param.", "parameter_missing"
        )
    quantity = whole_number(items[0].get("quantity", "1"), "line_items[0][quantity]")
    unit = whole_number(price.get("unit_amount"), "line_items[0][price_data][unit_amount]")
    total = read_amount(str(unit * quantity), currency, "line_items[0][price_data][unit_amount]")
    return total, currency, str(product["name"])


def _check_address(url: object, param: str) -> None:
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
        raise wrong(param, "Not a valid URL", "url_invalid")
