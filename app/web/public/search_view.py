"""What the catalogue page shows of a search, in words: its filters, its chips, its cards.

Made here rather than in the template because the page shows dozens of each, and a name is looked up once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from app.domain.catalogue.queries import Card, Found, Search
from app.domain.catalogue.search_text import fold
from app.i18n import locale_tag
from app.money import Money
from app.web.public.search_form import address, pairs
from app.web.support import filters, words
from app.web.support.scenes import scene
from app.web.support.site_settings import featured

Words = Callable[[Any], str]

# Names, prices and quantities in words: a page shows hundreds, and the next page mostly the same ones.
_SAID = 8192
_SHOWN = 6  # options of a filter before "Show all"


@dataclass(frozen=True)
class Option:
    value: str
    words: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """One filter: the options everybody sees, and those behind "Show all"."""

    name: str
    title: str
    shown: list[Option]
    more: list[Option]


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address without it."""

    words: str
    url: str


@dataclass(frozen=True)
class CardView:
    url: str
    title: str
    scene: Markup
    classes: list[tuple[str, str]]  # class attribute, words
    facts: str
    sdgs: tuple[int, ...]
    price: str
    price_note: str
    available: str
    featured: bool


@lru_cache(maxsize=_SAID)
def _said(language: str, wording: Words, value: Any) -> str:  # noqa: ARG001 (language: part of the key)
    """`wording(value)`, which depends on nothing but the value and the request's language."""
    return wording(value)


def facets(found: Found, wanted: Search) -> list[Facet]:
    """The filters in the order of the page. A filter without options is left out; an option that is chosen
    is shown even if it leaves nothing.
    """
    counts = found.counts
    rows: tuple[tuple[str, str, dict[Any, int], tuple[Any, ...], Words, int], ...] = (
        ("country", _("Host country"), counts.countries, wanted.countries, filters.country, _SHOWN),
        ("technology", _("Technology"), counts.technologies, wanted.technologies, words.technology, 10),
        ("class", _("Kind of unit"), counts.classes, wanted.classes, words.unit_class, _SHOWN),
        ("vintage", _("Vintage"), counts.vintages, wanted.vintages, str, _SHOWN),
        ("scope", _("Sectoral scope"), counts.scopes, wanted.scopes, words.scope, _SHOWN),
        ("sdg", _("Sustainable development goal"), counts.sdgs, wanted.sdgs, _goal, _SHOWN),
    )
    return [facet for facet in (_facet(*row) for row in rows) if facet.shown]


def _facet(
    name: str,
    title: str,
    counted: dict[Any, int],
    chosen: tuple[Any, ...],
    in_words: Words,
    limit: int,
) -> Facet:
    language = locale_tag()
    options = [
        Option(str(value), _said(language, in_words, value), counted.get(value, 0), value in chosen)
        for value in {**dict.fromkeys(chosen), **counted}
    ]
    if name == "vintage":
        options.sort(key=lambda option: option.value, reverse=True)
    elif name == "sdg":
        options.sort(key=lambda option: int(option.value))
    else:
        options.sort(key=lambda option: fold(option.words))
    # Only the commonest are shown at once, in the order of the whole list; what is chosen always is.
    common = sorted(options, key=lambda option: (not option.chosen, -option.count))[:limit]
    shown = [option for option in options if option.chosen or option in common]
    more = [option for option in options if option not in shown]
    return Facet(name, title, shown, more)


def _goal(number: int) -> str:
    return f"{number} {words.sdg(number)}"


def _number(typed: str) -> str:
    """A price as it is written in the query, in the reader's own figures."""
    return filters.number(Decimal(typed))


def chips(wanted: Search) -> list[Chip]:
    """Every filter in force."""
    in_words: dict[str, Words] = {
        "q": lambda value: _("“%(text)s”", text=value),
        "country": filters.country,
        "technology": words.technology,
        "scope": lambda value: words.scope(int(value)),
        "vintage": lambda value: _("Vintage %(year)s", year=value),
        "class": words.unit_class,
        "sdg": lambda value: _("Goal %(number)s", number=value),
        "min_price": lambda value: _("From %(price)s", price=_number(value)),
        "max_price": lambda value: _("Up to %(price)s", price=_number(value)),
    }
    query = pairs(wanted)
    return [
        Chip(in_words[name](value), address([pair for pair in query if pair != (name, value)]))
        for name, value in query
        if name in in_words
    ]


def cards(found: Found) -> list[CardView]:
    """The page's cards."""
    base = url_for("public.project", activity_ref="-")[:-1]
    language = locale_tag()
    first = featured()
    return [_card(card, base, language, card.activity_ref in first) for card in found.cards]


def _card(card: Card, base: str, language: str, is_featured: bool) -> CardView:
    return CardView(
        url=base + card.activity_ref,
        title=card.title,
        scene=scene(card.technology, card.activity_ref),
        classes=[(code.lower(), _said(language, words.unit_class, code)) for code in card.classes],
        facts=" · ".join(
            (
                _said(language, filters.country, card.host_party),
                _said(language, words.scope, card.scopes[0]),
                _said(language, _vintages, card.vintages),
            )
        ),
        sdgs=card.sdgs,
        price=_said(language, filters.money if card.offers == 1 else _from, card.prices[0]),
        price_note=_said(language, _per_tonne, card.prices[1:]),
        available=_said(language, _available, card.available),
        featured=is_featured,
    )


def _vintages(years: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, years[:4])) + (" …" if len(years) > 4 else "")
    return ngettext("vintage %(years)s", "vintages %(years)s", len(years), years=shown)


def _from(price: Money) -> str:
    return _("from %(price)s", price=filters.money(price))


def _per_tonne(others: tuple[Money, ...]) -> str:
    """What stands after a price; the lowest prices in other currencies, too."""
    if others:
        return _("or %(price)s per tonne CO₂e", price=", ".join(map(filters.money, others)))
    return _("per tonne CO₂e")


def _available(left: int) -> str:
    return _("%(tonnes)s available", tonnes=filters.tonnes(left))
