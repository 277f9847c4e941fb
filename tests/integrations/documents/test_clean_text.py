"""Text as it may be printed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.integrations.documents.clean_text import clean_text


@pytest.mark.parametrize(
    "text, cleaned",
    [
        ("Plain text, as it is.", "Plain text, as it is."),
        ("  two \t  spaces\n\nand lines\u2029", "two spaces and lines"),
        ("e\u0301", "é"),
        ("right\u202eleft\u2066isolate\u200f", "rightleftisolate"),
        ("soft\u00adhyphen zero\u200bwidth bom\ufeff", "softhyphen zerowidth bom"),
        ("می\u200cخواهم क्\u200dष", "می\u200cخواهم क्\u200dष"),
        ("half \ud800 pair", "half pair"),
        ("Z\u0353\u033a\u0347\u0319\u032d\u0317\u0330", "Z\u0353\u033a\u0347\u0319"),
        ("1\u202f234\u00a0t", "1\u202f234\u00a0t"),
    ],
)
def test_examples(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@given(st.text(st.characters(exclude_categories=[])))
def test_it_holds_for_any_text(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not {char for char in cleaned if unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs"}} - set(
        "\u200c\u200d"
    )
    cleaned.encode()
