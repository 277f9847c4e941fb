"""Money is exact, whatever the currency: nothing is lost between cents, decimals and text."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.money import Money, exponent

CURRENCIES = st.sampled_from(["EUR", "USD", "MWK", "JPY", "XOF", "KWD", "TND"])
MINORS = st.integers(-(10**15), 10**15)
MONEY = st.builds(Money, MINORS, CURRENCIES)
FACTORS = st.integers(-(10**6), 10**6)


def pairs() -> st.SearchStrategy[tuple[Money, Money]]:
    """Two amounts of one currency."""
    return CURRENCIES.flatmap(lambda currency: st.tuples(*[st.builds(Money, MINORS, st.just(currency))] * 2))


@pytest.mark.parametrize(
    "currency, decimals", [("EUR", 2), ("GBP", 2), ("JPY", 0), ("XOF", 0), ("KWD", 3), ("TND", 3)]
)
def test_decimals_of_a_currency(currency, decimals):
    assert exponent(currency) == decimals


@pytest.mark.parametrize(
    "text, currency, minor",
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("12.500", "EUR", 1250),  # more digits, but not more decimals
        ("-0.01", "EUR", -1),
        ("0", "EUR", 0),
        ("1500", "JPY", 1500),
        ("1500.00", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("-0.00", "EUR", 0),
    ],
)
def test_amounts_as_neighbours_write_them(text, currency, minor):
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text, currency",
    [
        ("12.505", "EUR"),
        ("1500.5", "JPY"),
        ("1.2345", "KWD"),
        ("NaN", "EUR"),
        ("sNaN", "EUR"),
        ("Infinity", "EUR"),
        ("-Infinity", "EUR"),
        ("", "EUR"),
        ("12,50", "EUR"),
        ("1_000", "EUR"),
        (" 1", "EUR"),
        ("1.", "EUR"),
        ("٣", "EUR"),
        ("1E+2", "EUR"),
        ("1.0000000000000000000000000000001", "EUR"),
        ("1E+999999999", "EUR"),
        ("1E-999999999", "EUR"),
        ("12345678901234567890123456789.01", "EUR"),
    ],
)
def test_what_is_no_amount_is_refused(text, currency):
    with pytest.raises(ValueError, match=r"no amount of"):
        Money.parse(text, currency)


@settings(deadline=None)
@given(MONEY)
def test_what_is_printed_reads_back(money):
    text, currency = str(money).split(" ")
    assert Money.parse(text, currency) == money
    assert "E" not in text
    assert len(text.partition(".")[2]) == exponent(currency)


@settings(deadline=None)
@given(MONEY)
def test_the_amount_is_exact(money):
    assert isinstance(money.amount, Decimal)
    assert money.amount * 10 ** exponent(money.currency) == money.minor
    assert Money.parse(str(money.amount), money.currency) == money


@settings(deadline=None)
@given(pairs())
def test_adding_is_adding_minor_units(pair):
    one, other = pair
    assert (one + other).minor == one.minor + other.minor
    assert one + other == other + one
    assert (one + other).amount == one.amount + other.amount


@settings(deadline=None)
@given(MONEY, CURRENCIES)
def test_currencies_do_not_mix(money, currency):
    other = Money(1, currency)
    if currency == money.currency:
        assert (money + other).currency == currency
        return
    with pytest.raises(ValueError, match="are not added"):
        _ = money + other
    assert money != Money(money.minor, currency)


@settings(deadline=None)
@given(MONEY, FACTORS, FACTORS)
def test_a_quantity_split_over_lines_costs_the_same(price, some, rest):
    assert price * some + price * rest == price * (some + rest)
    assert (price * some).currency == price.currency


@pytest.mark.parametrize("minor", [1.0, Decimal(1), "1", True, None])
def test_nothing_but_whole_numbers_makes_money(minor):
    with pytest.raises(TypeError, match="whole minor units"):
        Money(minor, "EUR")


@settings(deadline=None)
@given(MONEY, st.floats(allow_nan=False) | st.decimals(allow_nan=False))
def test_money_is_multiplied_by_whole_numbers_only(money, factor):
    with pytest.raises(TypeError):
        _ = money * factor


@pytest.mark.parametrize("code", ["", "EU", "EURO", "eur", "Eur", "ÉUR", "E1R", "12A", "E R", "ＥＵＲ"])
def test_nothing_but_three_capitals_is_a_currency(code):
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, code)


def test_amounts_have_no_order():
    with pytest.raises(TypeError):
        _ = Money(1, "EUR") < Money(2, "EUR")
