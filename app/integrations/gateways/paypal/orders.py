"""What we send to PayPal for an attempt, and what its order says in our words."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from app.integrations.errors import Refused
from app.integrations.gateways.interface import Attempt, Entry, PayState, Snapshot
from app.integrations.gateways.paypal.words import (
    CAPTURE_STATES,
    LOCALES,
    ORDER_STATES,
    PENDING_REASONS,
    RECEIVED,
)
from app.money import Money

# At PayPal these have no decimals, whatever ISO 4217 says (HUF and TWD have two there).
_WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})
_LONGEST_DESCRIPTION = 127


class Unreadable(ValueError):
    """The answer is no order of the shape that PayPal documents."""


def money_out(money: Money) -> dict[str, str]:
    """PayPal's money object. Refused("amount_not_supported") where it takes none such: 12.50 HUF."""
    decimals = 0 if money.currency in _WITHOUT_DECIMALS else 2
    step = Decimal(1).scaleb(-decimals)
    value = money.amount.quantize(step)
    if value != money.amount:
        raise Refused("amount_not_supported", str(money))
    return {"currency_code": money.currency, "value": f"{value:f}"}


def money_in(amount: Any) -> Money:
    """Our Money of a PayPal money object."""
    return Money.parse(amount["value"], amount["currency_code"])


def order_request(attempt: Attempt, payee: dict[str, str] | None) -> dict[str, object]:
    """The body that opens a checkout. Where no payee is named, the caller's own account is paid, and nobody else."""
    description = (
        f"{attempt.order_number}: {attempt.description}" if attempt.description else attempt.order_number
    )
    context = {
        "landing_page": "GUEST_CHECKOUT",  # a card can be used without a PayPal account
        "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING",
        "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
        "return_url": attempt.return_url,
        "cancel_url": attempt.cancel_url,
    }
    if attempt.language in LOCALES:
        context["locale"] = LOCALES[attempt.language]
    return {
        "intent": "CAPTURE",
        "purchase_units": [
            {
                "amount": money_out(attempt.amount),
                "custom_id": attempt.id,
                "invoice_id": attempt.id,
                "description": _shorten(description),
                **({"payee": payee} if payee else {}),
            }
        ],
        "payment_source": {"paypal": {"experience_context": context}},
    }


def trial_request(currency: str, payee: dict[str, str] | None) -> dict[str, object]:
    """The body of an order of 1 that nobody is ever asked to approve."""
    unit = {"amount": money_out(Money.parse("1", currency)), **({"payee": payee} if payee else {})}
    return {"intent": "CAPTURE", "purchase_units": [unit]}


def refund_request(attempt: Attempt, amount: Money, key: str) -> dict[str, object]:
    """The body that gives `amount` of a capture back. PayPal forgets `key`, but takes an invoice id only once."""
    return {"amount": money_out(amount), "invoice_id": key, "note_to_payer": attempt.order_number}


def refund_of(order: Any, key: str) -> Any:
    """The refund that was asked for under `key`, as the order shows it; None where there is none."""
    for unit in order["purchase_units"]:
        for refund in unit.get("payments", {}).get("refunds", ()):
            if refund.get("invoice_id") == key:
                return refund
    return None


def captures_of(order: Any) -> list[str]:
    """Ids of the captures of an order whose money the provider has had."""
    found = [c for unit in order["purchase_units"] for c in unit.get("payments", {}).get("captures", ())]
    return [str(capture["id"]) for capture in found if capture["status"] in RECEIVED]


def payee_in(payee: Any, external_id: str) -> str | None:
    """Who is paid: `external_id` if PayPal names them so, by e-mail too, else the merchant id that it names."""
    if "@" in external_id and str(payee.get("email_address", "")).casefold() == external_id.casefold():
        return external_id
    merchant_id = payee.get("merchant_id")
    return None if merchant_id is None else str(merchant_id)


def approval_link(order: Any) -> str | None:
    """Where the buyer can approve; None when nothing is left to approve."""
    for link in order.get("links", ()):
        if link["rel"] in ("payer-action", "approve"):
            return str(link["href"])
    return None


def snapshot_of(order: Any, external_id: str = "", disputed: tuple[Entry, ...] = ()) -> Snapshot:
    """An order in our words, with what disputes have moved. `external_id`: the account's. Raises Unreadable."""
    try:
        return _snapshot(order, external_id, disputed)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError) as error:
        raise Unreadable(type(error).__name__) from error


def _snapshot(order: Any, external_id: str, disputed: tuple[Entry, ...]) -> Snapshot:
    (unit,) = order["purchase_units"]  # we never ask for more; more would hide a second payee
    payments = unit.get("payments", {})
    captures, refunds = payments.get("captures", ()), payments.get("refunds", ())
    state, reason = _state(order["status"], captures)
    receipts = tuple(_entry("receipt", c) for c in captures if c["status"] in RECEIVED)
    given_back = tuple(_entry("refund", r) for r in refunds if r["status"] == "COMPLETED")
    return Snapshot(
        state=state,
        entries=receipts + given_back + disputed,
        amount=money_in(unit["amount"]),
        payee=payee_in(unit.get("payee", {}), external_id),
        reference=unit.get("custom_id"),
        reason=reason,
        redirect_url=approval_link(order) if state is PayState.STARTED else None,
    )


def _state(order_status: str, captures: Any) -> tuple[PayState, str | None]:
    if not captures:
        return ORDER_STATES[order_status], "reversed" if order_status == "VOIDED" else None
    # One capture per order; were there more, money that came in outweighs the rest.
    states = {CAPTURE_STATES[capture["status"]]: capture for capture in captures}
    for state in (PayState.CAPTURED, PayState.PENDING):
        if state in states:
            why = states[state].get("status_details", {}).get("reason")
            return state, PENDING_REASONS.get(why, "other") if state is PayState.PENDING else None
    return PayState.FAILED, "declined"


def _entry(kind: str, movement: Any) -> Entry:
    return Entry(
        kind=kind,
        external_id=str(movement["id"]),
        amount=money_in(movement["amount"]),
        at=datetime.fromisoformat(movement["create_time"]),
    )


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_DESCRIPTION else text[: _LONGEST_DESCRIPTION - 1] + "…"
