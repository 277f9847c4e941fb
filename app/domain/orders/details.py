"""What the buyer says about the certificate: cleaned and checked once, whoever asks."""

import unicodedata
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

PURPOSES = ("voluntary_contribution", "voluntary_compensation", "event", "product", "travel", "other")
# A certificate of mitigation contribution units says that it supports no claim of compensation.
_NOT_FOR_MCER = frozenset({"voluntary_compensation"})
NAME_MAX = 200  # characters; the registry's own limit
REASON_MAX = 256
EMAIL_MAX = 254


@dataclass(frozen=True)
class Details:
    """Certificate details of one checkout. `beneficiary_name` is None only for an anonymous beneficiary."""

    email: str
    beneficiary_type: str  # individual | organisation
    beneficiary_name: str | None
    beneficiary_country: str  # ISO 3166-1 alpha-2
    disclosure: str  # public | anonymous
    purpose: str
    reason: str | None
    certificate_language: str

    def as_json(self) -> dict[str, Any]:
        """For keeping in the basket."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Details":
        """What `as_json` kept."""
        return cls(**kept)


def purposes_for(unit_classes: Collection[str]) -> tuple[str, ...]:
    """The purposes that can be stated for units of these classes (AER, MCER) together."""
    return tuple(code for code in PURPOSES if "MCER" not in unit_classes or code not in _NOT_FOR_MCER)


def plain_line(text: str) -> str:
    """One line of plain text: NFC, no control or direction characters, single spaces.

    Joiners (ZWJ, ZWNJ) stay: names in Persian and Indic scripts need them.
    """
    kept = [
        " " if character.isspace() else character
        for character in text
        if character.isspace()
        or character in "\u200c\u200d"
        or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cs", "Cn"}
    ]
    # Composed last: a character that was taken out may have stood between a letter and its accent.
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
