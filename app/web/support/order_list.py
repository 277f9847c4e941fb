"""Lists of orders for providers and administrators: read from the address, shown whole or as the part that htmx swaps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from jinja2_fragments.flask import render_blocks
from werkzeug.datastructures import MultiDict

from app.domain.orders.models import OrderState
from app.domain.payments.methods import METHODS
from app.domain.payments.standing import standings
from app.domain.sales.order_list import orders_page
from app.domain.sales.wanted import Show, Trials, Wanted
from app.extensions import database, now
from app.web.support.order_words import method, order_state

_FIELDS = ("show", "state", "method", "currency", "from", "to", "trials")
Options = list[tuple[str, str]]
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class Link:
    """A choice that is a link: what is the matter with the orders."""

    words: str
    url: str
    current: bool


def read_wanted(args: MultiDict[str, str], provider_id: UUID | None) -> Wanted:
    """What the query asks for. Values that make no sense are passed over."""
    until = _day(args, "to")
    currency = args.get("currency", "")
    return Wanted(
        provider_id=provider_id,
        show=_one(Show, args.get("show", "")),
        state=_one(OrderState, args.get("state", "")),
        method=found if (found := args.get("method", "")) in METHODS else None,
        currency=currency if len(currency) == 3 and currency.isascii() and currency.isupper() else None,
        placed_from=_day(args, "from"),
        placed_before=until + timedelta(days=1) if until is not None else None,
        trials=_one(Trials, args.get("trials", "")),
    )


def pairs(wanted: Wanted) -> dict[str, str]:
    """The shortest query that asks for it; whose orders they are is not part of it."""
    until = wanted.placed_before - timedelta(days=1) if wanted.placed_before is not None else None
    found = {
        "show": wanted.show,
        "state": wanted.state,
        "method": wanted.method,
        "currency": wanted.currency,
        "from": wanted.placed_from.date().isoformat() if wanted.placed_from is not None else None,
        "to": until.date().isoformat() if until is not None else None,
        "trials": wanted.trials,
    }
    return {name: str(value) for name, value in found.items() if value}


def list_response(
    template: str,
    endpoint: str,
    wanted: Wanted,
    shows: Mapping[Show, str],
    currencies: list[str],
    *,
    fixed: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """The page, or for htmx only its block `orders`. `shows`: what can be the matter, in words. `fixed`: further pairs
    of the address, that no filter changes.
    """
    before, after = (request.args.get(name, "")[:20] or None for name in ("before", "after"))
    found = orders_page(database(), wanted, now(), before=before, after=after)
    fixed, query = dict(fixed or {}), pairs(wanted)

    def address(**changes: str | None) -> str:
        return list_address(endpoint, {**fixed, **query, **changes})

    shown = {
        "found": found,
        "standings": standings(database(), found.orders),
        "shows": [
            Link(_("All"), address(show=None), wanted.show is None),
            *(Link(words, address(show=show), show is wanted.show) for show, words in shows.items()),
        ],
        "query": query,
        "chosen": dict.fromkeys(_FIELDS, "") | query,
        "fixed": fixed,
        "narrowed": bool(query),
        "options": _options(currencies),
        "newest": address() if before or after else "",
        "newer": address(after=found.newer) if found.newer else "",
        "older": address(before=found.older) if found.older else "",
        "everything": list_address(endpoint, fixed),
        "action": url_for(endpoint),
        **more,
    }
    # A page asked for again by the history has to be whole.
    if "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers:
        response = make_response(render_blocks(template, ["orders"], **shown))
        response.headers["HX-Push-Url"] = address(before=before, after=after)
    else:
        response = make_response(render_template(template, **shown))
    response.vary.add("HX-Request")
    return response


def list_address(endpoint: str, query: Mapping[str, str | None]) -> str:
    """The address of a list, without what is empty."""
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"{url_for(endpoint)}?{asked}" if asked else url_for(endpoint)


def show_words() -> dict[Show, str]:
    """What can be the matter with an order, for whoever reads the list; what each has to do is named by its audience."""
    return {
        Show.OVERDUE: _("Payment overdue"),
        Show.PART_PAID: _("Paid in part"),
        Show.OVERPAID: _("Paid too much"),
        Show.LATE_MONEY: _("Paid too late"),
        Show.ON_HOLD: _("A payment is on hold"),
        Show.DISPUTED: _("Payment disputed"),
    }


def _options(currencies: list[str]) -> dict[str, Options]:
    anything = ("", _("All"))
    return {
        "state": [anything, *((state.value, order_state(state)) for state in OrderState)],
        "method": [anything, *((code, method(code)) for code in METHODS)],
        "currency": [anything, *((code, code) for code in currencies)],
        "trials": [
            anything,
            (Trials.WITHOUT.value, _("Without trials")),
            (Trials.ONLY.value, _("Trials only")),
        ],
    }


def _one(kind: type[Choice], value: str) -> Choice | None:
    try:
        return kind(value)
    except ValueError:
        return None


def _day(args: MultiDict[str, str], name: str) -> datetime | None:
    """The beginning of a day in UTC."""
    try:
        return datetime.combine(date.fromisoformat(args.get(name, "")), time(), UTC)
    except ValueError:
        return None
