"""What disputes have moved: back to the buyer, and to the provider again where the dispute was won."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.integrations.gateways.interface import Entry
from app.integrations.gateways.paypal.orders import Unreadable, money_in

DISPUTES = "/v1/customer/disputes"
# Of the movements of a dispute those that are the payment's own money. The others are PayPal's price for it.
_SETTLEMENT = "DISPUTE_SETTLEMENT"
_KINDS = {"DEBIT": "chargeback", "CREDIT": "chargeback_won"}


def entries_of(disputes: Iterable[Any]) -> tuple[Entry, ...]:
    """The movements to and from the provider. A dispute that is only an inquiry has none. Raises Unreadable."""
    try:
        return tuple(entry for dispute in disputes for entry in _entries(dispute))
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise Unreadable(type(error).__name__) from error


def _entries(dispute: Any) -> list[Entry]:
    moved = [
        movement
        for movement in dispute.get("money_movements", ())
        if movement["affected_party"] == "SELLER" and movement["reason"] == _SETTLEMENT
    ]
    found: list[Entry] = []
    for movement in sorted(moved, key=lambda movement: str(movement["initiated_time"])):
        kind = _KINDS[movement["type"]]
        # PayPal's movements have no name of their own, and a dispute may go back and forth.
        nth = 1 + sum(entry.kind == kind for entry in found)
        external_id = str(dispute["dispute_id"]) + (f":{nth}" if nth > 1 else "")
        at = datetime.fromisoformat(movement["initiated_time"])
        found.append(Entry(kind, external_id, money_in(movement["amount"]), at))
    return found
