"""A tax document in the words of its language: the values that the template lays out, and nothing else."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, parse_pattern

from app.integrations.documents.clean_text import clean_text
from app.integrations.documents.interface import TaxDocumentData, TaxDocumentLine
from app.integrations.documents.plain_typst import TEMPLATES
from app.money import Money, exponent

# International English, as on pages: US$11.20, 23 November 2026.
_LOCALES = {"en": "en_001", "fr": "fr", "es": "es"}


def printed_tax_document(data: TaxDocumentData) -> dict[str, Any]:
    """What the document says, each value a finished string in `data.language`. Text that people wrote is cleaned."""
    words, locale = _words(data.language), Locale.parse(_LOCALES[data.language])
    seller, currency = data.seller, data.currency
    town = " ".join(part for part in (seller.postcode, seller.town) if part)
    buyer = data.buyer_name or words["an_" + data.buyer_type]
    return {
        "language": data.language,
        "title": words["title"],
        "number": data.number,
        "labels": words["labels"],
        "date": _day(data.issued_at, locale),
        "replaces": words["replaces"].format(number=data.replaces) if data.replaces else None,
        "seller": [
            clean_text(line)
            for line in (
                seller.name,
                seller.street,
                town,
                _country(seller.country, locale),
                words["tax_id"].format(id=seller.tax_id),
                words["register"].format(number=seller.registration_number)
                if seller.registration_number
                else "",
            )
            if line
        ],
        "buyer": [clean_text(buyer), _country(data.buyer_country, locale)],
        "lines": [_line(line, currency, words, locale) for line in data.lines],
        "total": _amount(data.total_minor, currency, locale),
        "paid": [
            [words["order"], data.order_number],
            [words["paid_by"], words["ways"].get(data.way, data.service)],
            [words["paid_on"], _day(data.paid_at, locale)],
            *([[words["certificate"], data.certificate_number]] if data.certificate_number else []),
        ],
        "note": clean_text(data.note),
        "made": words["made"].format(seller=clean_text(seller.name)),
        "page": words["page"],
    }


def _line(line: TaxDocumentLine, currency: str, words: Mapping[str, Any], locale: Locale) -> dict[str, str]:
    what = [line.activity_ref, words["vintage"].format(year=line.vintage), words["classes"][line.unit_class]]
    return {
        "what": clean_text(line.activity_title),
        "more": clean_text(" · ".join(what)),
        "quantity": words["tonnes"].format(number=format_decimal(line.quantity, locale=locale)),
        "price": _amount(line.price_minor, currency, locale),
        "sum": _amount(line.total_minor, currency, locale),
    }


def _amount(minor: int, currency: str, locale: Locale) -> str:
    # ISO 4217 decides how many decimals there are, as on pages.
    places = exponent(currency)
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (places, places)
    return pattern.apply(Money(minor, currency).amount, locale, currency=currency, currency_digits=False)


def _day(moment: datetime, locale: Locale) -> str:
    """The day in UTC."""
    return format_date(moment.astimezone(UTC), "long", locale)


def _country(code: str, locale: Locale) -> str:
    return str(locale.territories.get(code, code))


@cache
def _words(language: str) -> Mapping[str, Any]:
    text = (TEMPLATES / "words" / f"{language}.json").read_text(encoding="utf-8")
    return cast("Mapping[str, Any]", json.loads(text))
