"""What people type becomes one line of plain text, the same however often it is cleaned."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.orders.details import Details, plain_line
from tests.factories import make_details

JOINERS = "\u200c\u200d"
# Everything that people and programs put into names: marks, joiners, directions, other planes.
_texts = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("e\u0301\u0308\u00ad\u200d\u200e\u202e\u2028\ufeff\u1100\u1161 \t\n\x00"),
    )
)


@given(_texts)
@example("e\u00ad\u0301")
@example("\u1100\u200b\u1161")
def test_a_line_is_plain(text: str):
    line = plain_line(text)
    for character in line:
        assert character in JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
        assert character == " " or not character.isspace()
    assert "  " not in line
    assert line == line.strip()
    assert unicodedata.is_normalized("NFC", line)


@given(_texts)
@example("e\u00ad\u0301")
def test_cleaning_twice_is_cleaning_once(text: str):
    assert plain_line(plain_line(text)) == plain_line(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Mn"])))
def test_words_are_left_as_they_are(text: str):
    assert (
        unicodedata.normalize("NFC", plain_line(text))
        == re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
    )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Sample \t Buyer\r\nGmbH ", "Sample Buyer GmbH"),
        ("Cafe\u0301", "Café"),
        ("abc\u202edef\u202c", "abcdef"),
        ("a\u2028b\u2029c\u0085d", "a b c d"),
        ("\ufeffName", "Name"),
        ("نیم\u200cفاصله", "نیم\u200cفاصله"),
        ("क\u094d\u200dष", "क\u094d\u200dष"),
        ("a\x00b\x1bc", "abc"),
        ("\u200b\u00ad", ""),
        ("<b>Müller & Söhne</b>", "<b>Müller & Söhne</b>"),
    ],
)
def test_examples(typed: str, kept: str):
    assert plain_line(typed) == kept


def test_details_are_kept_in_the_basket_and_found_again():
    details = make_details(beneficiary_name=None, reason=None)
    assert Details.from_json(details.as_json()) == details
