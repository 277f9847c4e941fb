"""Numbers in words agree with the tonnes after them."""

import pytest

from app.integrations.documents.quantity_words import quantity_in_words


@pytest.mark.parametrize(
    "language, quantity, words",
    [
        ("en", 1, "one tonne of CO2 equivalent"),
        ("en", 1_101, "one thousand, one hundred and one tonnes of CO2 equivalent"),
        ("fr", 1, "une tonne d’équivalent CO2"),
        ("fr", 21, "vingt et une tonnes d’équivalent CO2"),
        ("fr", 80, "quatre-vingts tonnes d’équivalent CO2"),
        ("fr", 21_000, "vingt et un mille tonnes d’équivalent CO2"),
        ("fr", 2_000_000, "deux millions de tonnes d’équivalent CO2"),
        ("es", 1, "una tonelada de CO2 equivalente"),
        ("es", 21, "veintiuna toneladas de CO2 equivalente"),
        ("es", 231_221, "doscientas treinta y un mil doscientas veintiuna toneladas de CO2 equivalente"),
        ("es", 500, "quinientas toneladas de CO2 equivalente"),
        ("es", 21_000, "veintiún mil toneladas de CO2 equivalente"),
        ("es", 200_000_001, "doscientos millones una toneladas de CO2 equivalente"),
        ("es", 1_000_000, "un millón de toneladas de CO2 equivalente"),
    ],
)
def test_agreement(language: str, quantity: int, words: str) -> None:
    assert quantity_in_words(quantity, language) == words
