"""Amounts as PayPal takes them: text with two decimals, or none for three currencies."""

import re
from decimal import Decimal

from sandbox.paypal.problems import Problem
from sandbox.paypal.store import Json

CURRENCIES = frozenset(
    [
        "AUD",
        "BRL",
        "CAD",
        "CNY",
        "CZK",
        "DKK",
        "EUR",
        "HKD",
        "HUF",
        "ILS",
        "JPY",
        "MYR",
        "MXN",
        "TWD",
        "NZD",
        "NOK",
        "PHP",
        "PLN",
        "GBP",
        "SGD",
        "SEK",
        "CHF",
        "THB",
        "USD",
        "INR",
    ]
)
WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})
_VALUE = re.compile(r"[0-9]{1,15}(\.[0-9]+)?")


def read_amount(amount: object, field: str) -> tuple[Decimal, str]:
    """Value and currency of a money object. Raises the Problem that PayPal answers with."""
    if not isinstance(amount, dict):
        raise Problem(400, "MISSING_REQUIRED_PARAMETER", field)
    value, currency = amount.get("value"), amount.get("currency_code")
    if not isinstance(value, str) or not isinstance(currency, str):
        raise Problem(400, "MISSING_REQUIRED_PARAMETER", field)
    if not _VALUE.fullmatch(value):
        raise Problem(400, "INVALID_PARAMETER_SYNTAX", f"{field}/value")
    if currency not in CURRENCIES:
        raise Problem(422, "INVALID_CURRENCY_CODE", f"{field}/currency_code")
    decimals = len(value.partition(".")[2])
    if decimals > (0 if currency in WITHOUT_DECIMALS else 2):
        raise Problem(422, "DECIMAL_PRECISION", f"{field}/value")
    if Decimal(value) <= 0:
        raise Problem(422, "CANNOT_BE_ZERO_OR_NEGATIVE", f"{field}/value")
    return Decimal(value), currency


def write_amount(value: Decimal, currency: str) -> Json:
    """The money object of an amount."""
    return {"currency_code": currency, "value": f"{value:.{0 if currency in WITHOUT_DECIMALS else 2}f}"}
