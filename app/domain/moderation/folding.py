"""Text as it is compared: lower case, without accents, marks and look-alikes, with the places that each letter came from."""

import unicodedata

# Cyrillic and Greek letters that look like Latin ones, by which a word could be hidden from a list.
_ALIKE = str.maketrans("аеорсухіјѕкмтнвαεορικντυχ", "aeopcyxijskmthbaeopikvtux")


def fold(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in `text` that it comes from.

    Anything but letters and digits becomes one space; what is not seen (format characters, accents) is left out.
    """
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character).casefold():
            if unicodedata.combining(part) or unicodedata.category(part) == "Cf":
                continue
            kept = part.translate(_ALIKE) if part.isalnum() else " "
            if kept == " " and folded[-1:] == [" "]:
                continue
            folded.append(kept)
            places.append(place)
    return "".join(folded), places
