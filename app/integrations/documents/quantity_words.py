"""A quantity written out, agreeing with the tonnes that follow it."""

import re


def quantity_in_words(quantity: int, language: str) -> str:
    """Whole tonnes in words: "twenty-five tonnes of CO2 equivalent"; en, fr or es, quantity >= 1."""
    from num2words import num2words  # noqa: PLC0415 (only certificates need its many languages)

    number = num2words(quantity, lang=language)
    round_million = quantity % 1_000_000 == 0
    if language == "fr":
        number = re.sub(r"\bun$", "une", number)  # tonne is feminine
        joined = "de tonnes" if round_million else "tonnes" if quantity > 1 else "tonne"
        return f"{number} {joined} d’équivalent CO2"
    if language == "es":
        joined = "de toneladas" if round_million else "toneladas" if quantity > 1 else "tonelada"
        return f"{_spanish(number)} {joined} de CO2 equivalente"
    return f"{number} {'tonne' if quantity == 1 else 'tonnes'} of CO2 equivalent"


def _spanish(number: str) -> str:
    """`uno` is shortened before mil and millones; what follows the millions agrees with tonelada."""
    number = re.sub(r"\bveintiuno(?= mil)", "veintiún", number)
    number = re.sub(r"\buno(?= mil)", "un", number)
    millions, word, rest = re.fullmatch(r"(?:(.*)\b(millón|millones))?(.*)", number).groups("")  # type: ignore[union-attr]
    rest = re.sub(r"(cient|quinient)os\b", r"\1as", rest)
    return f"{millions}{word}{re.sub(r'uno$', 'una', rest)}"
