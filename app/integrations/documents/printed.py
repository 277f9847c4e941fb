"""A certificate in the words of its language: the values that the template lays out, and nothing else."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from app.integrations.documents.clean_text import clean_text
from app.integrations.documents.interface import (
    CertificateData,
    CertificateLine,
    PresentedTo,
    SerialRangeShown,
)
from app.integrations.documents.quantity_words import quantity_in_words
from app.integrations.errors import Refused

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "certificates"
# British English: "23 November 2026", read the same way everywhere.
_LOCALES = {"en": "en_GB", "fr": "fr", "es": "es"}


def printed_certificate(data: CertificateData) -> dict[str, Any]:
    """What the certificate says, each value a finished string in `data.language`.

    Text that people wrote is cleaned. A fact of the registry that would not survive cleaning to the letter
    raises Refused("unprintable_fact"): a serial number is printed as it is or not at all.
    """
    words = _Words.of(data.language)
    name = _name(data.presented_to, words)
    return {
        "language": data.language,
        "document_title": words["document_title"].format(number=data.number),
        "title": words["title"],
        "subtitle": words["subtitle"],
        "number": {"label": words["number"], "text": _exact(data.number)},
        "issued": words["issued"].format(date=words.day(data.issued_at)),
        "version": words["version"].format(version=data.version) if data.version > 1 else None,
        "presented_to": {
            "label": words["presented_to"],
            "name": name,
            "direction": _direction(name),
            "country": words.country(data.presented_to.country) if data.presented_to.name else None,
        },
        "quantity": {
            "figures": words.number(data.quantity),
            "unit": words.plural("tonnes", data.quantity),
            "words": quantity_in_words(data.quantity, data.language),
        },
        "cancelled": f"{words['cancelled']} · {_days(data, words)}",
        "statements": [
            {
                "label": words["statement"].format(**{"class": it.unit_class, "version": it.version}),
                "text": clean_text(it.text),
            }
            for it in data.statements
        ],
        "stated": _stated(data, words),
        "details": words["details"],
        "annex": words["annex"],
        "annex_note": words.plural(
            "annex_note", ranges := sum(len(it.serial_ranges) for it in data.lines)
        ).format(ranges=words.number(ranges)),
        "lines": [_line(line, words) for line in data.lines],
        "verify": {
            "label": words["verify"],
            "text": words["verify_text"],
            "url": _exact(data.public_url),
            "qr_alt": words["qr_alt"].format(url=data.public_url),
            "code_label": words["code"],
            "code": _grouped(data.code),
            "record_label": words["record"],
        },
        "record_description": words["record_description"],
        "not_a_title": words["not_a_title"],
        "page": words["page"],
    }


def _name(presented_to: PresentedTo, words: "_Words") -> str:
    if presented_to.name is not None:
        return clean_text(presented_to.name)
    if presented_to.country is None:
        return str(words[f"an_{presented_to.type}_somewhere"])
    return str(words[f"an_{presented_to.type}"]).format(country=words.country(presented_to.country))


def _stated(data: CertificateData, words: "_Words") -> list[dict[str, str | None]]:
    provider = clean_text(data.provider_name)
    reason = clean_text(data.reason or "")
    stated: list[dict[str, str | None]] = [
        _fact(words["purpose"], words["purposes"].get(data.purpose, data.purpose)),
        _fact(words["provider"], provider, words.country(data.provider_country)),
        _fact(words["order"], _exact(data.order_number)),
    ]
    if reason:
        stated.append(_fact(words["reason"], reason))
    return stated


def _line(line: CertificateLine, words: "_Words") -> dict[str, Any]:
    scopes = [f"{scope} {words['scopes'].get(str(scope), '')}".strip() for scope in line.sectoral_scopes]
    uses = [words["uses"].get(use, use) for use in line.authorized_uses]
    if not uses and line.unit_class == "MCER":
        uses = [words["no_uses"]]
    period = words["period"].format(
        start=words.day(line.monitoring_start, "medium"), end=words.day(line.monitoring_end, "medium")
    )
    title = clean_text(line.activity_title)
    facts = [
        _fact(words["activity"], _exact(line.activity_ref)),
        _fact(words["host_party"], words.country(line.host_party)),
        _fact(words["technology"], words["technologies"].get(line.technology, clean_text(line.technology))),
        _fact(words.plural("sectoral_scopes", len(scopes)), "; ".join(scopes)),
        _fact(words["vintage"], str(line.vintage)),
        _fact(words["monitoring_period"], period),
        _fact(words["unit_class"], words["classes"][line.unit_class]),
        _fact(words["authorized_uses"], "; ".join(uses)),
        _fact(words["authorization"], _exact(line.authorization_reference or "")),
        _fact(words["issuance"], _exact(line.issuance_ref)),
        _fact(words["cancelled_at"], words.instant(line.cancelled_at)),
        _fact(words["registry_reference"], _exact(line.registry_cancellation_id)),
        _fact(words["attestation"], _exact(line.attestation_reference or "")),
        _fact(words["client_reference"], _exact(line.client_reference)),
    ]
    return {
        "title": title,
        "direction": _direction(title),
        "quantity": f"{words.number(line.quantity)} {words.plural('tonnes', line.quantity)}",
        "short": " · ".join(
            [_exact(line.activity_ref), words.country(line.host_party), words["classes"][line.unit_class]]
        ),
        "facts": [fact for fact in facts if fact["text"]],
        "serials_label": words.plural("serials", len(line.serial_ranges)),
        "serials": [_serial_range(it, words) for it in line.serial_ranges],
    }


def _serial_range(shown: SerialRangeShown, words: "_Words") -> dict[str, str]:
    units = words.plural("units", shown.count).format(quantity=words.number(shown.count))
    return {"printed": _exact(shown.printed), "units": units}


def _fact(label: str, text: str, note: str | None = None) -> dict[str, str | None]:
    return {"label": label, "text": text, "direction": _direction(text), "note": note}


def _days(data: CertificateData, words: "_Words") -> str:
    first = min(line.cancelled_at for line in data.lines)
    last = max(line.cancelled_at for line in data.lines)
    days = dict.fromkeys([words.day(first), words.day(last)])
    return " – ".join(days)


def _exact(fact: str) -> str:
    if clean_text(fact) != fact:
        raise Refused("unprintable_fact", repr(fact))
    return fact


def _direction(text: str) -> str:
    """The direction that the first strong character of `text` gives a paragraph of its own."""
    for char in text:
        match unicodedata.bidirectional(char):
            case "L":
                return "ltr"
            case "R" | "AL":
                return "rtl"
    return "ltr"


def _grouped(code: str) -> list[str]:
    """The code in groups of four, so that a person can read it aloud; one that carries hyphens has its groups."""
    _exact(code)
    return [code] if "-" in code else [code[at : at + 4] for at in range(0, len(code), 4)]


@dataclass(frozen=True)
class _Words:
    """The fixed words of one language, and its way with numbers, days and countries."""

    words: Mapping[str, Any]
    locale: Locale

    @staticmethod
    @cache
    def of(language: str) -> "_Words":
        text = (TEMPLATES / "words" / f"{language}.json").read_text(encoding="utf-8")
        return _Words(json.loads(text), Locale.parse(_LOCALES[language]))

    def __getitem__(self, key: str) -> Any:
        return self.words[key]

    def plural(self, key: str, count: int) -> str:
        return str(self.words[key]["one" if count == 1 else "other"])

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self.locale)

    def country(self, code: str | None) -> str:
        return str(self.locale.territories.get(code or "", code or ""))

    def day(self, value: date | datetime, width: Literal["long", "medium"] = "long") -> str:
        """The day in UTC, the month in letters: 23 November 2026, or 23 Nov 2026."""
        return format_date(
            value.astimezone(UTC) if isinstance(value, datetime) else value, width, self.locale
        )

    def instant(self, value: datetime) -> str:
        """To the second, in UTC, saying so. Fractions are in the record only."""
        return f"{self.day(value, 'medium')}, {value.astimezone(UTC):%H:%M:%S} UTC"
