"""The catalogue's address: from a query string to a Search, and back to addresses of other searches."""

import re
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.domain.catalogue.queries import Search
from app.domain.catalogue.statements import SORTS

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,39}")
_PRICE = re.compile(r"\d{1,9}(?:[.,]\d{1,3})?")
_MOST = 60  # values of one filter; more than there are of anything

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class SearchForm:
    """What was asked for; what could not be understood is left out of `search` and told in `errors`."""

    search: Search
    errors: dict[str, str]
    typed: dict[str, str]  # the two price fields as they were typed


def read_search(args: MultiDict[str, str]) -> SearchForm:
    """Read a query string. Values that make no sense are passed over; a price gets a message."""
    errors: dict[str, str] = {}
    typed = {name: args.get(name, "").strip()[:20] for name in ("min_price", "max_price")}
    prices: dict[str, Decimal | None] = dict.fromkeys(typed)
    for name, value in typed.items():
        if _PRICE.fullmatch(value):
            prices[name] = Decimal(value.replace(",", "."))
        elif value:
            errors[name] = _("Enter a price as a number, such as 7.50. This one was left out.")
    lowest, highest = prices["min_price"], prices["max_price"]
    if lowest is not None and highest is not None and lowest > highest:
        errors["max_price"] = _("The highest price is below the lowest, so no project can match.")
    sort = args.get("sort", "")
    page = args.get("page", "")
    search = Search(
        text=" ".join("".join(filter(str.isprintable, args.get("q", "").replace("\t", " "))).split())[:100],
        countries=_codes(args, "country"),
        technologies=_codes(args, "technology"),
        scopes=_numbers(args, "scope", 1, 16),
        vintages=_numbers(args, "vintage", 2000, 2999),
        classes=_codes(args, "class"),
        sdgs=_numbers(args, "sdg", 1, 17),
        min_price=lowest,
        max_price=highest,
        sort=sort if sort in SORTS else SORTS[0],
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )
    return SearchForm(search, errors, typed)


def pairs(search: Search) -> Pairs:
    """The search as the shortest query, without its page, in a fixed order."""
    found: Pairs = [("q", search.text)] if search.text else []
    found += [("country", value) for value in search.countries]
    found += [("technology", value) for value in search.technologies]
    found += [("scope", str(value)) for value in search.scopes]
    found += [("vintage", str(value)) for value in search.vintages]
    found += [("class", value) for value in search.classes]
    found += [("sdg", str(value)) for value in search.sdgs]
    for name, price in (("min_price", search.min_price), ("max_price", search.max_price)):
        if price is not None:
            found.append((name, f"{price:f}"))
    if search.sort != SORTS[0]:
        found.append(("sort", search.sort))
    return found


def address(query: Pairs, page: int = 1) -> str:
    """The catalogue's address for a query."""
    query = [*query, ("page", str(page))] if page > 1 else query
    base = url_for("public.projects")
    return f"{base}?{urlencode(query)}" if query else base


def _codes(args: MultiDict[str, str], name: str) -> tuple[str, ...]:
    values = dict.fromkeys(value for value in args.getlist(name)[:_MOST] if _CODE.fullmatch(value))
    return tuple(values)


def _numbers(args: MultiDict[str, str], name: str, least: int, most: int) -> tuple[int, ...]:
    texts = (
        value
        for value in args.getlist(name)[:_MOST]
        if value.isascii() and value.isdigit() and len(value) < 5
    )
    return tuple(dict.fromkeys(number for number in map(int, texts) if least <= number <= most))
