"""What a certificate states about its units, in words that are frozen into it.

The texts are data: one file a version in `statement_texts/`, and the versions that administrators set
(`words_in_force.py`). They are a proposal until a lawyer has confirmed them in each language. A version that has been used never
changes: a correction is a new one, and certificates already issued keep what they say.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from app.domain.settings.texts import fill
from app.integrations.documents.interface import CertificateLine, PresentedTo, Statement

CURRENT_VERSION = "2026-11"


@dataclass(frozen=True)
class StatementWords:
    """The words of one version in one language."""

    version: str
    words: Mapping[str, Any]


def shipped_words(language: str) -> StatementWords:
    """Those that come with the platform. KeyError for a language that has none."""
    return StatementWords(CURRENT_VERSION, _words(CURRENT_VERSION, language))


def statement(
    unit_class: str,
    language: str,
    *,
    quantity: int,
    host_party: str,
    authorized_uses: Iterable[str],
    cancelled_on: date,
    presented_to: PresentedTo,
    words: StatementWords | None = None,
) -> Statement:
    """The statement about `quantity` units of one class, host Party, set of uses and UTC day.

    `host_party` is ISO 3166-1 alpha-2; language en, fr or es; `words` those that came with the platform if not given.
    KeyError for a class, use or language that has no text, ValueError for authorized units without a use: a
    certificate then cannot be made, rather than say something that nobody has approved.
    """
    said = words or shipped_words(language)
    known = said.words
    locale = Locale.parse(known["locale"])
    uses = [known["uses"][use] for use in authorized_uses]
    if unit_class == "AER" and not uses:
        raise ValueError("authorized units without a use")
    text = fill(
        known["classes"][unit_class]["one" if quantity == 1 else "other"],
        {
            "quantity": format_decimal(quantity, locale=locale),
            "host": str(locale.territories.get(host_party, host_party)),
            "uses": known["and"].join(filter(None, [", ".join(uses[:-1]), *uses[-1:]])),
            "day": format_date(cancelled_on, "long", locale=locale),
            "beneficiary": _beneficiary(presented_to, known, locale),
        },
    )
    return Statement(unit_class=unit_class, version=said.version, text=text)


def statements_for(
    lines: Iterable[CertificateLine],
    presented_to: PresentedTo,
    language: str,
    words: StatementWords | None = None,
) -> tuple[Statement, ...]:
    """One statement for each unit class, host Party, set of uses and UTC day, in the order of the lines."""
    quantities: dict[tuple[str, str, tuple[str, ...], date], int] = {}
    for line in lines:
        key = (
            line.unit_class,
            line.host_party,
            line.authorized_uses,
            line.cancelled_at.astimezone(UTC).date(),
        )
        quantities[key] = quantities.get(key, 0) + line.quantity
    return tuple(
        statement(
            unit_class,
            language,
            quantity=quantity,
            host_party=host_party,
            authorized_uses=uses,
            cancelled_on=day,
            presented_to=presented_to,
            words=words,
        )
        for (unit_class, host_party, uses, day), quantity in quantities.items()
    )


def unnamed(said: Statement, presented_to: PresentedTo, language: str) -> Statement:
    """The statement as it would be of a beneficiary who stays anonymous, whatever words it was made with."""
    if presented_to.name is None:
        return said
    words = shipped_words(language).words
    nobody = _beneficiary(replace(presented_to, name=None), words, Locale.parse(words["locale"]))
    whole = rf"(?<!\w){re.escape(presented_to.name)}(?!\w)"
    text, found = re.subn(whole, lambda _: nobody, said.text)
    return replace(said, text=text if found else said.text.replace(presented_to.name, nobody))


@cache
def _words(version: str, language: str) -> dict[str, Any]:
    path = Path(__file__).parent / "statement_texts" / f"{version}.json"
    languages: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["languages"]
    return languages[language]


def _beneficiary(presented_to: PresentedTo, words: Mapping[str, Any], locale: Locale) -> str:
    if presented_to.name is not None:
        return presented_to.name
    unnamed: str = words["unnamed"][presented_to.type]
    if presented_to.country is None:
        return unnamed
    template: str = words["unnamed_in"]
    return template.format(
        unnamed=unnamed, country=locale.territories.get(presented_to.country, presented_to.country)
    )
