"""What a certificate states about its units, in words that are frozen into it.

The texts are data: one file a version in `statement_texts/`. They are a proposal until a lawyer has confirmed
them in each language. A version that has been used never changes: a correction is a new file, and certificates
already issued keep what they say.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from app.integrations.documents.interface import CertificateLine, PresentedTo, Statement

CURRENT_VERSION = "2026-11"


def statement(
    unit_class: str,
    language: str,
    *,
    quantity: int,
    host_party: str,
    authorized_uses: Iterable[str],
    cancelled_on: date,
    presented_to: PresentedTo,
    version: str = CURRENT_VERSION,
) -> Statement:
    """The statement about `quantity` units of one class, host Party, set of uses and UTC day.

    `host_party` is ISO 3166-1 alpha-2; language en, fr or es. KeyError for a class, use or language that has no
    text, ValueError for authorized units without a use, FileNotFoundError for a version that is not there: a
    certificate then cannot be made, rather than say something that nobody has approved.
    """
    words = _words(version, language)
    locale = Locale.parse(words["locale"])
    uses = [words["uses"][use] for use in authorized_uses]
    if unit_class == "AER" and not uses:
        raise ValueError("authorized units without a use")
    template: str = words["classes"][unit_class]["one" if quantity == 1 else "other"]
    text = template.format(
        quantity=format_decimal(quantity, locale=locale),
        host=locale.territories.get(host_party, host_party),
        uses=words["and"].join(filter(None, [", ".join(uses[:-1]), *uses[-1:]])),
        day=format_date(cancelled_on, "long", locale=locale),
        beneficiary=_beneficiary(presented_to, words, locale),
    )
    return Statement(unit_class=unit_class, version=version, text=text)


def statements_for(
    lines: Iterable[CertificateLine],
    presented_to: PresentedTo,
    language: str,
    version: str = CURRENT_VERSION,
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
            version=version,
        )
        for (unit_class, host_party, uses, day), quantity in quantities.items()
    )


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
