"""Text as it may be printed: what a person sees, and nothing that steers the page."""

import unicodedata

# Joiners that Arabic, Persian and Indic names need; every other format character can hide or turn text around.
_JOINERS = "\u200c\u200d"
_DROPPED = {"Cc", "Cf", "Co", "Cs"}
_SPACES = {"Zl", "Zp"}
# No living language stacks more marks on a letter; a tower of them would print over the lines above.
_MOST_MARKS = 4


def clean_text(text: str) -> str:
    """`text` in NFC on one line, without control, private-use and format characters (but ZWJ and ZWNJ).

    Line breaks and tabs become spaces, runs of spaces one; at most four combining marks follow a letter.
    Idempotent. Freeze cleaned text into a certificate, so that its JSON and its PDF agree to the letter.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if char in "\t\n\v\f\r\x85" or category in _SPACES:
            kept.append(" ")
        elif category not in _DROPPED or char in _JOINERS:
            marks = marks + 1 if category in ("Mn", "Me") else 0
            if marks <= _MOST_MARKS:
                kept.append(char)
    # Dropping a format character can bring a letter and its mark together, so compose once more.
    single_spaced = " ".join(part for part in "".join(kept).split(" ") if part)
    return unicodedata.normalize("NFC", single_spaced)
