"""How values are written: in the reader's locale, and so that nobody takes one for another."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask

from app.i18n import in_language
from app.money import Money
from app.web.support import filters


@pytest.fixture
def write(alone: Flask) -> Callable[..., str]:
    """Writes with a filter in a language, with ordinary spaces: `write("fr", "tonnes", 1000)`."""

    def written(language: str, name: str, *values: Any) -> str:
        with alone.test_request_context(f"/{language}/projects"):
            said = str(alone.jinja_env.filters[name](*values))
        return said.replace("\u00a0", " ").replace("\u202f", " ")

    return written


@pytest.mark.parametrize(
    "language,minor,currency,written",
    [
        ("en", 1120, "USD", "US$11.20"),
        ("fr", 1120, "USD", "11,20 $US"),
        ("es", 1120, "USD", "11,20 US$"),
        ("en", 123456789, "USD", "US$1,234,567.89"),
        ("fr", 123456789, "EUR", "1 234 567,89 €"),
        ("es", 123456789, "EUR", "1.234.567,89 €"),
        ("en", 1120, "EUR", "€11.20"),
        ("en", 5, "USD", "US$0.05"),
        ("en", 0, "USD", "US$0.00"),
        ("en", -1120, "USD", "-US$11.20"),
        # Each dollar is its own.
        ("en", 1120, "CAD", "CA$11.20"),
        ("en", 1120, "AUD", "A$11.20"),
        # No decimals, and three; CLDR itself writes ISK and CLP without, KWD with two here and there.
        ("en", 1120, "JPY", "JP¥1,120"),
        ("fr", 1120, "JPY", "1 120 JPY"),
        ("es", 1120, "CLP", "1.120 CLP"),
        ("en", 1125, "KWD", "KWD1.125"),
        ("fr", 1125, "TND", "1,125 TND"),
        ("es", 1120, "KWD", "1,120 KWD"),
    ],
)
def test_money_has_all_its_decimals_and_a_currency_nobody_can_mistake(
    write: Callable[..., str], language: str, minor: int, currency: str, written: str
):
    assert write(language, "money", Money(minor, currency)).replace("\u2212", "-") == written


def test_the_price_between_number_and_currency_does_not_break(alone: Flask):
    with alone.test_request_context("/fr/projects"):
        assert filters.money(Money(1120, "USD")) == "11,20\u00a0$US"


def test_a_mail_in_english_writes_the_same_as_a_page(alone: Flask):
    with alone.app_context(), in_language("en"):
        assert filters.money(Money(1120, "USD")) == "US$11.20"


@pytest.mark.parametrize(
    "language,value,written",
    [
        ("en", 1, "1 t"),
        ("en", 12345, "12,345 t"),
        ("fr", 12345, "12 345 t"),
        ("es", 12345, "12.345 t"),
        ("en", 0, "0 t"),
        ("en", 999_999_999, "999,999,999 t"),
    ],
)
def test_tonnes_are_whole_and_grouped(write: Callable[..., str], language: str, value: int, written: str):
    assert write(language, "tonnes", value) == written


YEARS_END = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "language,value,written",
    [
        # A week-based year would say 2027 for the first, 2026 for the second.
        ("en", YEARS_END, "31 December 2026, 23:59:59 UTC"),
        ("en", datetime(2027, 1, 1, tzinfo=UTC), "1 January 2027, 00:00:00 UTC"),
        ("fr", YEARS_END, "31 décembre 2026, 23:59:59 UTC"),
        ("es", YEARS_END, "31 de diciembre de 2026, 23:59:59 UTC"),
        # Told by a neighbour in its own zone, written in ours.
        (
            "en",
            datetime(2027, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))),
            "31 December 2026, 23:00:00 UTC",
        ),
        (
            "en",
            datetime(2026, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
            "1 January 2027, 04:00:00 UTC",
        ),
    ],
)
def test_a_moment_is_in_utc_and_says_so(
    write: Callable[..., str], language: str, value: datetime, written: str
):
    assert write(language, "moment", value) == written


def test_a_time_of_day_is_in_utc_and_says_so(write: Callable[..., str]):
    assert write("en", "clock", YEARS_END) == "23:59 UTC"
    assert (
        write("fr", "clock", datetime(2026, 7, 1, 9, 5, tzinfo=timezone(timedelta(hours=2)))) == "07:05 UTC"
    )


@pytest.mark.parametrize(
    "language,written",
    [("en", "31 December 2026"), ("fr", "31 décembre 2026"), ("es", "31 de diciembre de 2026")],
)
def test_a_day_has_its_month_in_words(write: Callable[..., str], language: str, written: str):
    assert write(language, "day", date(2026, 12, 31)) == written
    assert write(language, "day", YEARS_END) == written


def test_a_day_of_another_zone_is_the_day_in_utc(write: Callable[..., str]):
    assert (
        write("en", "day", datetime(2027, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == "31 December 2026"
    )


@pytest.mark.parametrize(
    "language,code,written",
    [
        ("en", "BR", "Brazil"),
        ("fr", "BR", "Brésil"),
        ("es", "BR", "Brasil"),
        ("en", "CI", "Côte d’Ivoire"),
        ("en", "QZ", "QZ"),
        ("en", "", ""),
    ],
)
def test_a_country_is_named_and_an_unknown_code_is_shown(
    write: Callable[..., str], language: str, code: str, written: str
):
    assert write(language, "country", code) == written


def test_a_country_of_a_document_is_named_in_its_language_within_a_page_in_another(alone: Flask):
    with alone.test_request_context("/en/projects"):
        assert filters.country("BR") == "Brazil"
        with in_language("fr"):
            assert filters.country("BR") == "Brésil"
        assert filters.country("BR") == "Brazil"


@pytest.mark.parametrize(
    "name,kind,code,written",
    [
        ("Sample Bakery", "organisation", "DE", "Sample Bakery"),
        (None, "individual", "DE", "An individual, Germany"),
        (None, "organisation", "DE", "An organisation, Germany"),
        (None, "individual", None, "An individual"),
        (None, "organisation", None, "An organisation"),
    ],
)
def test_whom_a_certificate_names(
    write: Callable[..., str], name: str | None, kind: str, code: str | None, written: str
):
    assert write("en", "presented_to", name, kind, code) == written


@pytest.mark.parametrize("name", ["technology", "unit_class", "use", "purpose", "activity_kind"])
def test_a_code_that_is_not_known_is_shown_not_hidden(write: Callable[..., str], name: str):
    assert write("en", name, "something-new").lower().replace(" ", "-") == "something-new"


@pytest.mark.parametrize("name", ["scope", "sdg"])
def test_a_number_that_is_not_known_is_shown_not_hidden(write: Callable[..., str], name: str):
    assert write("en", name, 99) == "99"
