"""Money given back, and money taken back by the payer's bank: refunds and disputes. No HTTP here."""

import sqlite3

from sandbox.stripe.events import tell
from sandbox.stripe.forms import check_known, whole_number
from sandbox.stripe.gateway import Gateway, schedule
from sandbox.stripe.objects import add, find, new_id, new_object_id, of_session, save
from sandbox.stripe.problems import Problem, wrong
from sandbox.stripe.scenarios import SCENARIOS, Scenario
from sandbox.stripe.store import Json, load, now

_OPEN_DISPUTE = frozenset({"needs_response", "under_review"})
_GONE = frozenset({"failed", "canceled"})


def create_refund(
    db: sqlite3.Connection, gateway: Gateway, account_id: str, asked: Json, scenario: Scenario
) -> Json:
    """Give money of a captured charge back, all that is left unless an amount is named. Raises Problem."""
    check_known(asked, {"charge", "payment_intent", "amount", "reason", "metadata", "expand"})
    charge = find_charge(db, account_id, asked)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if not charge["captured"]:
        raise Problem(400, "charge_not_refundable", "This charge has not been captured.", kept=True)
    if charge["disputed"] and any(
        dispute["status"] in _OPEN_DISPUTE for dispute in of_session(db, _session(db, charge), "dispute")
    ):
        raise Problem(400, "charge_disputed", f"Charge {charge['id']} has been charged back.", kept=True)
    if left <= 0:
        raise Problem(
            400, "charge_already_refunded", f"Charge {charge['id']} has already been refunded.", kept=True
        )
    amount = whole_number(asked.get("amount", str(left)), "amount")
    if not 0 < amount <= left:
        raise wrong(
            "amount",
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            "parameter_invalid_integer",
        )
    refund: Json = {
        "id": new_object_id("refund", charge["livemode"]),
        "object": "refund",
        "amount": amount,
        "balance_transaction": new_id("txn"),
        "charge": charge["id"],
        "created": int(now(db)),
        "currency": charge["currency"],
        "metadata": asked.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "reason": asked.get("reason"),
        "status": "pending" if scenario.refund == "pending" else "succeeded",
    }
    session_id = _session(db, charge)
    add(db, account_id, session_id, refund)
    _count(db, charge)
    tell(db, gateway, account_id, session_id, "refund.created", refund)
    tell(db, gateway, account_id, session_id, "charge.refunded", charge)
    if scenario.refund != "succeeded":
        later = "refund_succeeds" if scenario.refund == "pending" else "refund_fails"
        schedule(db, now(db) + gateway.delayed_seconds, later, refund["id"])
    return refund


def find_charge(db: sqlite3.Connection, account_id: str, asked: Json) -> Json:
    """The charge that a refund names, by itself or by its payment intent. Raises Problem."""
    if "charge" in asked:
        return load(find(db, "charge", str(asked["charge"]), account_id))
    if "payment_intent" not in asked:
        raise Problem(
            400, "parameter_missing", "One of the following params should be provided: charge, payment_intent"
        )
    intent = find(db, "payment_intent", str(asked["payment_intent"]), account_id)
    charges = of_session(db, intent["session_id"], "charge")
    if not charges:
        raise Problem(
            400,
            "payment_intent_unexpected_state",
            "This PaymentIntent does not have a successful charge to refund.",
            kept=True,
        )
    return charges[-1]


def settle_refund(db: sqlite3.Connection, gateway: Gateway, refund_id: str, status: str) -> Json:
    """What a refund comes to in the end: succeeded, or failed, even after it had succeeded."""
    row = find(db, "refund", refund_id)
    refund = load(row)
    if refund["status"] in _GONE or refund["status"] == status:
        return refund
    refund["status"] = status
    if status == "failed":
        refund["failure_reason"] = "lost_or_stolen_card"
        refund["failure_balance_transaction"] = new_id("txn")
    save(db, refund)
    charge = load(find(db, "charge", refund["charge"]))
    _count(db, charge)
    tell(db, gateway, row["account_id"], row["session_id"], "refund.updated", refund)
    if status == "failed":
        tell(db, gateway, row["account_id"], row["session_id"], "refund.failed", refund)
    return refund


def open_dispute(
    db: sqlite3.Connection, gateway: Gateway, session_id: str, status: str = "needs_response"
) -> Json | None:
    """The payer's bank takes the money back, or only asks (`warning_needs_response`). None without a charge."""
    row = find(db, "checkout.session", session_id)
    charges = [charge for charge in of_session(db, session_id, "charge") if charge["captured"]]
    if not charges:
        return None
    charge, at = charges[-1], int(now(db))
    money_moves = not status.startswith("warning_")
    dispute: Json = {
        "id": new_object_id("dispute", charge["livemode"]),
        "object": "dispute",
        "amount": charge["amount_captured"],
        "balance_transactions": [_moved(charge, at, -charge["amount_captured"])] if money_moves else [],
        "charge": charge["id"],
        "created": at,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": at + 7 * 86400,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": not money_moves,
        "livemode": charge["livemode"],
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": "fraudulent",
        "status": status,
    }
    add(db, row["account_id"], session_id, dispute)
    save(db, charge | {"disputed": True})
    tell(db, gateway, row["account_id"], session_id, "charge.dispute.created", dispute)
    if money_moves:
        tell(db, gateway, row["account_id"], session_id, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(db: sqlite3.Connection, gateway: Gateway, dispute_id: str, status: str) -> Json:
    """The bank has decided: won (the seller has the money again), lost, or warning_closed."""
    row = find(db, "dispute", dispute_id)
    dispute = load(row)
    dispute["status"] = status
    if status == "won" and dispute["balance_transactions"]:
        charge = load(find(db, "charge", dispute["charge"]))
        dispute["balance_transactions"].append(_moved(charge, int(now(db)), dispute["amount"]))
    save(db, dispute)
    if status == "won":
        tell(db, gateway, row["account_id"], row["session_id"], "charge.dispute.funds_reinstated", dispute)
    tell(db, gateway, row["account_id"], row["session_id"], "charge.dispute.closed", dispute)
    return dispute


def scenario_of_refund(db: sqlite3.Connection, account_id: str, asked: Json) -> Scenario:
    """What the payer's card does when money comes back to it. Raises Problem where there is no such charge."""
    charge = find_charge(db, account_id, asked)
    row = db.execute("SELECT code FROM scenario WHERE session_id = ?", (_session(db, charge),)).fetchone()
    return SCENARIOS[row["code"]]


def _session(db: sqlite3.Connection, charge: Json) -> str:
    return str(find(db, "charge", charge["id"])["session_id"])


def _count(db: sqlite3.Connection, charge: Json) -> None:
    """What a charge says of its refunds."""
    given_back = sum(
        refund["amount"]
        for refund in of_session(db, _session(db, charge), "refund")
        if refund["status"] not in _GONE
    )
    charge |= {"amount_refunded": given_back, "refunded": given_back == charge["amount_captured"]}
    save(db, charge)


def _moved(charge: Json, at: int, amount: int) -> Json:
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": at,
        "balance_type": "payments",
        "created": at,
        "currency": charge["currency"],
        "description": f"Chargeback for {charge['id']}",
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "reporting_category": "dispute" if amount < 0 else "dispute_reversal",
        "source": charge["id"],
        "status": "available",
        "type": "adjustment",
    }
