"""How values are written on pages: in the reader's locale, and always in the same way."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from flask import Flask, g
from flask_babel import get_locale
from flask_babel import gettext as _

from app.money import Money, exponent
from app.web.support import order_words, words


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        number=number,
        tonnes=tonnes,
        money=money,
        day=day,
        moment=moment,
        clock=clock,
        country=country,
        presented_to=presented_to,
        technology=words.technology,
        scope=words.scope,
        sdg=words.sdg,
        unit_class=words.unit_class,
        use=words.use,
        purpose=words.purpose,
        activity_kind=words.activity_kind,
        order_state=order_words.order_state,
        order_kind=order_words.order_kind,
        order_reason=order_words.order_reason,
        registry_reason=order_words.registry_reason,
        cancellation_state=order_words.cancellation_state,
        payment_problem=order_words.payment_problem,
        payment_wait=order_words.payment_wait,
        payee_problem=order_words.payee_problem,
        method=order_words.method,
    )


def number(value: int) -> str:
    """12345 → 12,345."""
    return numbers.format_decimal(value, locale=get_locale())


def tonnes(value: int) -> str:
    """Whole tonnes: 12345 → 12,345 t."""
    return _("%(number)s t", number=number(value))


def money(value: Money) -> str:
    """An amount with all its decimals and a currency nobody can mistake: US$11.20, 11,20 $US."""
    # Babel's own pattern would cut 3-decimal currencies where CLDR says 2; ISO 4217 decides.
    places = exponent(value.currency)
    locale = get_locale()
    if str(locale) == "en":
        # In plain English CLDR writes $ for one dollar of many; international English says whose it is.
        locale = Locale("en", "001")
    pattern = numbers.parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (places, places)
    return pattern.apply(value.amount, locale, currency=value.currency, currency_digits=False)


def day(value: date) -> str:
    """23 November 2026."""
    return dates.format_date(value, "long", locale=get_locale())


def moment(value: datetime) -> str:
    """A UTC instant with its zone: 23 November 2026, 14:05:09 UTC."""
    written = dates.format_datetime(value, "d MMMM y HH:mm:ss", tzinfo=ZoneInfo("UTC"), locale=get_locale())
    return f"{written} UTC"


def clock(value: datetime) -> str:
    """A time of day with its zone: 18:42 UTC."""
    return f"{dates.format_time(value, 'HH:mm', tzinfo=ZoneInfo('UTC'), locale=get_locale())} UTC"


def country(code: str) -> str:
    """BR → Brazil. A code unknown to CLDR is shown as it is."""
    # Looked up for every card and facet of a page: kept for the request.
    names = g.setdefault("country_names", get_locale().territories)
    return str(names.get(code, code))


def presented_to(name: str | None, kind: str, country_code: str | None) -> str:
    """Whom a certificate names: "Sample Bakery", "An individual, Germany", "An organisation, Germany".

    `name` is None where the beneficiary stays anonymous.
    """
    if name is not None:
        return name
    individual = kind == "individual"
    if country_code is None:
        return _("An individual") if individual else _("An organisation")
    if individual:
        return _("An individual, %(country)s", country=country(country_code))
    return _("An organisation, %(country)s", country=country(country_code))
