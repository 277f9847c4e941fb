"""The terms of an offer as a form: fields as typed, what they mean, and what to say about what they cannot mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _

from app.domain.offers.put_terms import TEXT_MAX, TIERS_MAX, Terms, TermsImpossible
from app.i18n import LANGUAGES
from app.money import Money
from app.web.support.bank_words import plain_amount
from app.web.support.filters import number
from app.web.support.quantity import NotWholeTonnes, read_quantity

SHORT = ("price", "min_quantity", "max_quantity", "on_sale_from", "on_sale_until")
_AT_MOST = {"text": 2 * TEXT_MAX}
_DAY = timedelta(days=1)
_PRICE_MAX = 10**12  # minor units of one tonne


@dataclass(frozen=True)
class Read:
    """What a form says. `terms` is None where something of it cannot be read: `errors`, field → message."""

    typed: Mapping[str, str]
    terms: Terms | None
    errors: Mapping[str, str]


def field_names() -> list[str]:
    """Every field of the form."""
    places = range(1, TIERS_MAX + 1)
    tiers = [f"{name}-{place}" for place in places for name in ("tier_from", "tier_price")]
    return [*SHORT, *tiers, *(f"text-{code}" for code in LANGUAGES)]


def fields_of(terms: Terms, currency: str) -> dict[str, str]:
    """The fields as they stand for these terms."""
    typed = dict.fromkeys(field_names(), "")
    typed["price"] = plain_amount(Money(terms.price_minor, currency))
    typed["min_quantity"] = str(terms.min_quantity) if terms.min_quantity > 1 else ""
    typed["max_quantity"] = str(terms.max_quantity or "")
    if terms.on_sale_from:
        typed["on_sale_from"] = terms.on_sale_from.astimezone(UTC).date().isoformat()
    if terms.on_sale_until:
        typed["on_sale_until"] = (terms.on_sale_until.astimezone(UTC) - _DAY).date().isoformat()
    for place, (units, price) in enumerate(terms.tiers, start=1):
        typed[f"tier_from-{place}"] = str(units)
        typed[f"tier_price-{place}"] = plain_amount(Money(price, currency))
    return typed | {f"text-{language}": text for language, text in (terms.texts or {}).items()}


def read_terms_form(form: Mapping[str, str], currency: str) -> Read:
    """All that can be read of a form that was sent, and all that cannot."""
    typed = {
        name: form.get(name, "").replace("\r\n", "\n").strip()[: _AT_MOST.get(name.partition("-")[0], 20)]
        for name in field_names()
    }
    errors: dict[str, str] = {}
    price = read_price(typed, "price", currency, errors)
    fewest, most = _units(typed, "min_quantity", errors), _units(typed, "max_quantity", errors)
    first, last = _day(typed, "on_sale_from", errors), _day(typed, "on_sale_until", errors)
    tiers = _tiers(typed, currency, errors)
    if errors or price is None:
        return Read(typed, None, errors)
    texts = {code: typed[f"text-{code}"] for code in LANGUAGES if typed[f"text-{code}"]}
    until = last + _DAY if last else None
    return Read(typed, Terms(price, 1 if fewest is None else fewest, most, first, until, tiers, texts), {})


def read_price(typed: Mapping[str, str], name: str, currency: str, errors: dict[str, str]) -> int | None:
    """A price in minor units; None, and a message in `errors`, for what is none."""
    try:
        minor = Money.parse(typed[name].replace(",", "."), currency).minor
    except ValueError:
        minor = 0
    if not 1 <= minor <= _PRICE_MAX:
        errors[name] = _("Enter a price in %(currency)s, such as 12.50.", currency=currency)
        return None
    return minor


def impossible(error: TermsImpossible) -> dict[str, str]:
    """The field that is in the way, and what to do."""
    if error.field == "text" and error.code == "claim":
        says = _(
            "Leave out what a cancellation does not make true: nobody and nothing becomes neutral by it."
        )
        return {f"text-{error.place}": says}
    if error.field == "text":
        says = _("Write %(most)s characters at most.", most=number(TEXT_MAX))
        return {f"text-{error.place}": says}
    if error.field == "tier":
        if error.code == "not_rising":
            return {
                f"tier_from-{error.place}": _(
                    "Each line begins at more tonnes than the one above, the first at 2 or more."
                )
            }
        return {f"tier_price-{error.place}": _("Each price has to be lower than the one above it.")}
    return {
        error.field: {
            "price": _("Enter a price above zero."),
            "min_quantity": _("Enter 1 or more tonnes, or leave it empty."),
            "max_quantity": _("The largest order cannot be smaller than the smallest."),
            "on_sale_until": _("The last day has to be after today and not before the first day."),
        }[error.field]
    }


def _units(typed: Mapping[str, str], name: str, errors: dict[str, str]) -> int | None:
    if not typed[name]:
        return None
    try:
        return read_quantity(typed[name])
    except NotWholeTonnes as error:
        errors[name] = str(error)
        return None


def _day(typed: Mapping[str, str], name: str, errors: dict[str, str]) -> datetime | None:
    if not typed[name]:
        return None
    try:
        return datetime.strptime(typed[name], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        errors[name] = _("Enter the day as year, month and day, such as 2027-03-31.")
        return None


def _tiers(typed: Mapping[str, str], currency: str, errors: dict[str, str]) -> tuple[tuple[int, int], ...]:
    """The lines that say something, those in between that say nothing left out."""
    found = []
    for place in range(1, TIERS_MAX + 1):
        units, price = f"tier_from-{place}", f"tier_price-{place}"
        if not typed[units] and not typed[price]:
            continue
        if not typed[units]:
            errors[units] = _("Enter from how many tonnes this price holds.")
        read_units, read = _units(typed, units, errors), read_price(typed, price, currency, errors)
        if read_units is not None and read is not None:
            found.append((read_units, read))
    return tuple(found)
