"""The texts that administrators may set by version: which words each has, and what must stand in them."""

import string
from collections.abc import Mapping

# Name of the text → its words → the placeholders that must stand in them, and no others may.
WORDS: dict[str, dict[str, frozenset[str]]] = {
    "terms": {
        "points": frozenset(),  # the list that stands above the boxes, a line each
        "terms": frozenset({"sellers"}),  # the box beside the contract and the terms
        "immediate": frozenset(),  # the box beside the immediate cancellation
        "second_payment": frozenset({"seller"}),  # the box that lets an order be paid in a second way
    },
    "statements": {
        "AER.one": frozenset({"quantity", "host", "uses", "day", "beneficiary"}),
        "AER.other": frozenset({"quantity", "host", "uses", "day", "beneficiary"}),
        "MCER.one": frozenset({"quantity", "host", "day", "beneficiary"}),
        "MCER.other": frozenset({"quantity", "host", "day", "beneficiary"}),
        "uses.NDC": frozenset(),
        "uses.IMP": frozenset(),
        "uses.OP": frozenset(),
    },
}

Typed = Mapping[str, Mapping[str, str]]  # language → word → text


def problems_of(name: str, typed: Typed, most: int) -> dict[tuple[str, str], str]:
    """What is wrong with each word: `missing`, `too_long`, `placeholders`. Nothing where all can be used."""
    found: dict[tuple[str, str], str] = {}
    for language, words in typed.items():
        for word, wanted in WORDS[name].items():
            text = words.get(word, "")
            if not text.strip():
                found[language, word] = "missing"
            elif len(text) > most:
                found[language, word] = "too_long"
            elif _placeholders(text) != wanted:
                found[language, word] = "placeholders"
    return found


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled, whatever braces stand in the values."""
    return "".join(
        literal + (values[field] if field is not None else "")
        for literal, field, _spec, _conversion in string.Formatter().parse(text)
    )


def _placeholders(text: str) -> frozenset[str] | None:
    """Those that stand in it; None where a brace stands alone, or a placeholder is more than a name."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return None
    if any(spec or conversion for _literal, _field, spec, conversion in parts):
        return None
    return frozenset(field for _literal, field, _spec, _conversion in parts if field is not None)
