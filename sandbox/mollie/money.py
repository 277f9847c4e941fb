"""Amounts as Mollie writes them: {"currency": "EUR", "value": "25.50"}, with the decimals of ISO 4217."""

import re
from decimal import Decimal
from typing import Any

from sandbox.mollie.problems import wrong
from sandbox.stripe.store import Json

# https://docs.mollie.com/docs/multicurrency, for cards.
DECIMALS = dict.fromkeys(
    [
        "AED",
        "AUD",
        "CAD",
        "CHF",
        "CZK",
        "DKK",
        "EUR",
        "GBP",
        "HKD",
        "HUF",
        "ILS",
        "NOK",
        "NZD",
        "PLN",
        "RON",
        "SEK",
        "SGD",
        "USD",
        "ZAR",
    ],
    2,
) | {"ISK": 0, "JPY": 0}


def read_amount(amount: Any, field: str = "amount") -> Decimal:
    """The value of an amount. Raises Problem 422, for decimals too many or too few as well."""
    if not isinstance(amount, dict) or set(amount) != {"currency", "value"}:
        raise wrong(field, "The amount is required.")
    decimals = DECIMALS.get(str(amount["currency"]))
    if decimals is None:
        raise wrong(f"{field}.currency", "The currency is not supported.")
    pattern = rf"\d{{1,9}}\.\d{{{decimals}}}" if decimals else r"\d{1,9}"
    if not isinstance(amount["value"], str) or not re.fullmatch(pattern, amount["value"]):
        raise wrong(f"{field}.value", "The amount contains an invalid value.")
    if Decimal(amount["value"]) <= 0:
        raise wrong(field, "The amount is lower than the minimum.")
    return Decimal(amount["value"])


def write_amount(value: Decimal, currency: str) -> Json:
    """The same the other way round."""
    return {"currency": currency, "value": f"{value:.{DECIMALS[currency]}f}"}
