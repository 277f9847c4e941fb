"""What we send to Stripe for an attempt, and what its objects say in our words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app.integrations.gateways.interface import Attempt, Entry, PayState, Snapshot
from app.integrations.gateways.stripe.amounts import amount_in, amount_out
from app.integrations.gateways.stripe.words import (
    CANCELLATION_REASONS,
    INTENT_STATES,
    LOCALES,
    QUIET_DISPUTES,
    REFUNDS_THAT_FAILED,
)
from app.money import Money

# Stripe takes 30 minutes to 24 hours from the moment that it is asked, and a repeated call must say the same to the
# second: with less left, or more, the page stays open for as long as Stripe wants, and the end of the hold closes it.
_SHORTEST = timedelta(minutes=35)
_LONGEST = timedelta(hours=23)

# Above this the buyer's bank is always asked (3-D Secure): who then disputes the payment has the bank to turn to, not
# the provider. In a currency that is not here, always.
_ASK_ABOVE = {
    "AUD": 800_00,
    "CAD": 700_00,
    "CHF": 500_00,
    "EUR": 500_00,
    "GBP": 450_00,
    "JPY": 80_000,
    "USD": 500_00,
}
# Stripe's limit for the name of what is sold is 250.
_LONGEST_NAME = 250
EXPAND = ["payment_intent.latest_charge"]


class Unreadable(ValueError):
    """The answer is no object of the shape that Stripe documents."""


def session_request(attempt: Attempt) -> dict[str, Any]:
    """The parameters that open a checkout. The account that is asked is paid, all of it, and nobody else."""
    request: dict[str, Any] = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": attempt.amount.currency.lower(),
                    "unit_amount": amount_out(attempt.amount),
                    "product_data": {"name": _shorten(attempt.description or attempt.order_number)},
                },
            }
        ],
        "client_reference_id": attempt.id,
        "metadata": {"payment": attempt.id, "order": attempt.order_number},
        "payment_intent_data": {
            "capture_method": "manual",
            "description": attempt.order_number,
            "metadata": {"payment": attempt.id, "order": attempt.order_number},
        },
        "payment_method_types": ["card"],
        "payment_method_options": {"card": {"request_three_d_secure": three_d_secure(attempt.amount)}},
        # The buyer has read back a price in one currency and pays in that one.
        "adaptive_pricing": {"enabled": False},
        "expires_at": int(closes_at(attempt).timestamp()),
        "success_url": attempt.return_url,
        "cancel_url": attempt.cancel_url,
    }
    if attempt.language in LOCALES:
        request["locale"] = LOCALES[attempt.language]
    return request


def closes_at(attempt: Attempt) -> datetime:
    """When nobody can begin to pay any more: as wanted, as far as Stripe lets us choose."""
    wanted = attempt.open_until or attempt.opened_at
    return min(max(wanted, attempt.opened_at + _SHORTEST), attempt.opened_at + _LONGEST)


def three_d_secure(amount: Money) -> str:
    """Whether the buyer's bank is always asked (any), or when bank and law want it (automatic)."""
    return "automatic" if amount.minor <= _ASK_ABOVE.get(amount.currency, 0) else "any"


def snapshot_of(session: Any, payee: str | None, refunds: Sequence[Any], disputes: Sequence[Any]) -> Snapshot:
    """A session with its payment intent and charge, and what became of the money. Raises Unreadable."""
    try:
        return _snapshot(session, payee, refunds, disputes)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, OverflowError) as error:
        raise Unreadable(type(error).__name__) from error


def _snapshot(session: Any, payee: str | None, refunds: Sequence[Any], disputes: Sequence[Any]) -> Snapshot:
    state, reason = _state(session)
    entries: list[Entry] = []
    if state is PayState.CAPTURED:
        intent = session["payment_intent"]
        charge = intent["latest_charge"]
        entries.append(_entry("receipt", charge, amount_in(charge["amount_captured"], charge["currency"])))
        for refund in reversed(refunds):
            entries += _refund_entries(refund)
        for dispute in reversed(disputes):
            entries += _dispute_entries(dispute)
    return Snapshot(
        state=state,
        entries=tuple(entries),
        amount=amount_in(session["amount_total"], session["currency"]),
        payee=payee,
        reference=session["client_reference_id"],
        reason=reason,
        redirect_url=session["url"] if state is PayState.STARTED else None,
    )


def _state(session: Any) -> tuple[PayState, str | None]:
    status = session["status"]
    if status == "open":
        return PayState.STARTED, None
    if status == "expired":
        return PayState.EXPIRED, "unfinished"
    if status != "complete":
        raise ValueError(status)
    intent = session["payment_intent"]
    state = INTENT_STATES[intent["status"]]
    if state is PayState.PENDING:
        return state, "delayed"
    if state is PayState.FAILED:
        return state, "declined"
    if state is PayState.EXPIRED:
        return state, CANCELLATION_REASONS.get(intent["cancellation_reason"], "reversed")
    return state, None


def _refund_entries(refund: Any) -> list[Entry]:
    """A refund counts once it has succeeded. One that failed after that has come back to the provider."""
    amount = amount_in(refund["amount"], refund["currency"])
    if refund["status"] == "succeeded":
        return [_entry("refund", refund, amount)]
    # Only money that had left can come back, and Stripe then says by which movement.
    if refund["status"] in REFUNDS_THAT_FAILED and refund.get("failure_balance_transaction"):
        return [_entry("refund", refund, amount), _entry("refund_failed", refund, amount)]
    return []


def _dispute_entries(dispute: Any) -> list[Entry]:
    if dispute["status"] in QUIET_DISPUTES:
        return []
    amount = amount_in(dispute["amount"], dispute["currency"])
    taken = _entry("chargeback", dispute, amount)
    return [taken, _entry("chargeback_won", dispute, amount)] if dispute["status"] == "won" else [taken]


def _entry(kind: str, thing: Any, amount: Money) -> Entry:
    return Entry(kind, str(thing["id"]), amount, datetime.fromtimestamp(thing["created"], UTC))


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"
