"""What is typed into the form of an offer: read whole, or refused with all that is wrong with it."""

from datetime import UTC, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.domain.offers.draft_terms import TEXT_MAX, OfferTerms, TermsRefused, plain_text, read_terms
from app.money import Money
from tests.domain.offers.drafts import typed
from tests.factories import NOW

CURRENCIES = ("EUR", "JPY", "USD")


def problems(**changes: str) -> dict[str, str]:
    with pytest.raises(TermsRefused) as raised:
        read_terms(typed(**changes), 100, CURRENCIES, NOW)
    return raised.value.problems


def test_everything_that_is_typed_is_read():
    terms = read_terms(
        typed(
            min_quantity="5",
            max_quantity="20",
            on_sale_from="2026-12-01",
            on_sale_until="2026-12-31",
            text_en="Stoves.",
            text_fr="",
        ),
        100,
        CURRENCIES,
        NOW,
    )
    assert (terms.quantity, terms.min_quantity, terms.max_quantity) == (40, 5, 20)
    assert terms.price == Money(1120, "USD")
    # The last day is sold on.
    assert terms.on_sale_from == datetime(2026, 12, 1, tzinfo=UTC)
    assert terms.on_sale_until == datetime(2027, 1, 1, tzinfo=UTC)
    assert terms.texts == {"en": "Stoves."}


def test_what_may_be_left_out_is():
    terms = read_terms(typed(), 40, CURRENCIES, NOW)
    assert (terms.min_quantity, terms.max_quantity, terms.on_sale_from, terms.on_sale_until) == (
        1,
        None,
        None,
        None,
    )
    assert read_terms(typed(quantity="no matter"), 7, CURRENCIES, NOW, all_of_it=True).quantity == 7


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("quantity", "", "missing"),
        ("quantity", "a few", "whole"),
        ("quantity", "0", "too_few"),
        ("quantity", "101", "too_many"),
        ("min_quantity", "41", "over_quantity"),
        ("max_quantity", "1.5", "whole"),
        ("max_quantity", "0", "under_min"),
        ("price", "", "price"),
        ("price", "0.00", "price"),
        ("price", "1.230", "price"),
        ("price", "-1", "price"),
        ("currency", "MWK", "currency"),
        ("on_sale_from", "1 December", "day"),
        ("on_sale_from", "2026-02-30", "day"),
        ("on_sale_until", "2026-11-22", "past"),
        ("text-en", "x" * (TEXT_MAX + 1), "long"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(field: str, text: str, code: str):
    assert problems(**{field: text}) == {field: code}


def test_the_last_day_is_not_before_the_first_and_may_be_today():
    assert problems(on_sale_from="2026-12-02", on_sale_until="2026-12-01") == {"on_sale_until": "no_day"}
    assert read_terms(typed(on_sale_until="2026-11-23"), 100, CURRENCIES, NOW).on_sale_until > NOW


_field = st.one_of(
    st.text(max_size=12),
    st.from_regex(r"[0-9]{0,11}(\.[0-9]{0,4})?", fullmatch=True),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True),
)


def _read(fields: dict[str, str]) -> tuple[OfferTerms | None, dict[str, str]]:
    try:
        return read_terms(fields, 100, (*CURRENCIES, "KWD"), NOW), {}
    except TermsRefused as refused:
        return None, refused.problems


@given(
    fields=st.fixed_dictionaries({name: _field for name in typed() if name != "currency"}),
    currency=st.sampled_from([*CURRENCIES, "KWD"]),
)
def test_whatever_is_typed_is_refused_or_can_be_an_offer(fields: dict[str, str], currency: str):
    fields |= {"currency": currency}
    terms, wrong = _read(fields)
    assert (terms is None) == bool(wrong)
    assert set(wrong) <= set(fields)
    if terms is None:
        return
    assert 1 <= terms.min_quantity <= terms.quantity <= 100
    assert terms.max_quantity is None or terms.max_quantity >= terms.min_quantity
    assert terms.price.minor > 0
    assert terms.on_sale_until is None or terms.on_sale_until > max(NOW, terms.on_sale_from or NOW)


def test_a_text_keeps_its_lines_and_loses_what_cannot_be_seen():
    assert plain_text("One\x00\u202e line \r\n\r\n\r\n\r\nand  another\n") == "One line\n\nand another"
