"""Amounts as Stripe takes them: whole numbers of its own smallest unit of a currency."""

from sandbox.stripe.forms import whole_number
from sandbox.stripe.problems import Problem, wrong

# The least that can be charged, in the smallest unit; elsewhere half a unit of it.
_LEAST = {
    "eur": 50,
    "usd": 50,
    "gbp": 30,
    "chf": 50,
    "jpy": 50,
    "huf": 17500,
    "brl": 50,
    "mxn": 1000,
    "pln": 200,
    "sek": 300,
}
# A whole number of thousandths here must end in 0.
_THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
_MOST = 99_999_999


def read_amount(value: object, currency: str, param: str) -> int:
    """An amount to be charged. Raises what Stripe answers to one that it does not take."""
    amount = whole_number(value, param)
    if amount < 0:
        raise wrong(param, "This value must be greater than or equal to 0.", "parameter_invalid_integer")
    if currency in _THREE_DECIMALS and amount % 10:
        raise wrong(param, "Amounts of this currency must be whole hundredths.", "parameter_invalid_integer")
    if amount < _LEAST.get(currency, 50):
        raise Problem(
            400,
            "amount_too_small",
            "The Checkout Session's total amount due must add up to at least the minimum of its currency.",
        )
    if amount > _MOST:
        raise Problem(400, "amount_too_large", "Amount must be no more than 999,999.99", param=param)
    return amount
