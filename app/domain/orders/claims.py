"""Claims that a cancellation does not support, and that must not stand on a certificate.

Since 27 September 2026 Directive (EU) 2024/825 bans claims that a product is neutral, reduced or positive in its
effect because emissions were paid for elsewhere; a certificate that repeats one would help to spread it. The list
is of words, not of intentions: what it does not know gets through.
"""

import re
import unicodedata

# Folded: lower case, no accents, single spaces for anything but letters and digits.
_CLAIMS = (
    # English
    *(
        f"{what} {how}"
        for what in ("carbon", "climate", "co2")
        for how in ("neutral", "neutrality", "positive", "negative")
    ),
    *(
        "carbonneutral",
        "climateneutral",
        "co2neutral",
        "carbon free",
        "zero carbon",
        "zero emission",
        "zero emissions",
    ),
    *("net zero", "netzero", "offset", "offsets", "offsetting", "offsetted"),
    # French
    *(
        f"{how} {what}"
        for how in ("neutre", "neutres")
        for what in ("en carbone", "en co2", "pour le climat")
    ),
    *("neutralite carbone", "neutralite climatique", "climatiquement neutre", "climatiquement neutres"),
    *(
        "carbone neutre",
        "zero carbone",
        "zero emission nette",
        "zero emissions nettes",
        "emissions nettes nulles",
    ),
    *("zero net", "net zero", "compensation carbone", "compense carbone", "compensee carbone"),
    # Spanish
    *(
        f"{how} {what}"
        for how in ("neutro", "neutra", "neutros", "neutras", "neutral", "neutrales")
        for what in ("en carbono", "en co2", "para el clima", "en emisiones")
    ),
    *(
        "carbono neutro",
        "carbono neutral",
        "neutralidad de carbono",
        "neutralidad en carbono",
        "neutralidad climatica",
    ),
    *(
        "climaticamente neutro",
        "climaticamente neutra",
        "cero neto",
        "neto cero",
        "cero emisiones",
        "cero emisiones netas",
    ),
    *("emisiones netas cero", "cero carbono", "compensacion de carbono"),
)
_PATTERN = re.compile(
    r"(?<![^ ])(?:" + "|".join(sorted(map(re.escape, set(_CLAIMS)), key=len, reverse=True)) + r")(?![^ ])"
)


def unsupported_claim(text: str) -> str | None:
    """The first such claim in `text`, as it is written there; None if there is none.

    Whole words only; letter case, accents, hyphens and full-width or subscript forms do not matter.
    """
    folded, places = _fold(text)
    found = _PATTERN.search(folded)
    if found is None:
        return None
    return text[places[found.start()] : places[found.end() - 1] + 1]


def _fold(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in `text` that it comes from."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character).casefold():
            if unicodedata.combining(part) or unicodedata.category(part) == "Cf":
                continue
            kept = part if part.isalnum() else " "
            if kept == " " and folded[-1:] == [" "]:
                continue
            folded.append(kept)
            places.append(place)
    return "".join(folded), places
