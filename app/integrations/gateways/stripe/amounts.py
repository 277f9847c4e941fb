"""Stripe's whole numbers for our Money. Its smallest unit is not always ISO 4217's."""

from decimal import Decimal

from app.integrations.errors import Refused
from app.money import Money, exponent

# https://docs.stripe.com/currencies: ISK and UGX have no decimals, but are written with two there.
_NO_DECIMALS = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"),
        *("PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"),
    }
)
_THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


def amount_out(money: Money) -> int:
    """Stripe's number for an amount. Refused("amount_not_supported") where it takes none such: 0.001 KWD."""
    number = money.amount.scaleb(_decimals(money.currency))
    # Of three decimals Stripe takes the first two.
    step = 10 if money.currency in _THREE_DECIMALS else 1
    if number % step:
        raise Refused("amount_not_supported", str(money))
    return int(number)


def amount_in(number: object, currency: object) -> Money:
    """Our Money for Stripe's number. ValueError or TypeError for what is none."""
    if isinstance(number, bool) or not isinstance(number, int) or not isinstance(currency, str):
        raise TypeError("no amount")
    code = currency.upper()
    minor = Decimal(number).scaleb(exponent(code) - _decimals(code))
    if minor % 1:
        raise ValueError("a fraction of the smallest unit")
    return Money(int(minor), code)


def _decimals(currency: str) -> int:
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
