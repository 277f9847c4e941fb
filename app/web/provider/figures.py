"""The provider's sales in figures: by month, country, kind of buyer and way to pay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template
from flask_babel import gettext as _

from app.domain.people.permissions import Permission
from app.domain.sales.figures import Figures, Share, sales_figures
from app.extensions import database, now
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.charts import Bar, columns, rows
from app.web.support.filters import country, month
from app.web.support.gate import needs
from app.web.support.order_files import csv_text
from app.web.support.order_words import method

# The longest chart: what is beyond stands in the table.
_MOST_ROWS = 10


@dataclass(frozen=True)
class Part:
    """One chart and its table. `names`: what each row is called."""

    code: str
    title: str
    heading: str
    names: Sequence[str]
    shares: Sequence[Share[Any]]
    bars: Sequence[Bar]


@blueprint.get("/figures")
@needs(Permission.PROVIDER_ORDERS_READ)
def figures() -> str:
    """The last twelve months."""
    provider = acting_provider()
    found = sales_figures(database(), provider.id, now())
    sold = any(share.units for share in found.months)
    return render_template("provider/figures.html", provider=provider, parts=_parts(found) if sold else [])


@blueprint.get("/figures/<any(months, countries, buyers, methods):figure>")
@needs(Permission.PROVIDER_ORDERS_READ)
def figure(figure: str) -> Response:
    """One table of them as CSV, with a column for each currency."""
    shares = getattr(sales_figures(database(), acting_provider().id, now()), figure)
    currencies = sorted({amount.currency for share in shares for amount in share.money})
    lines: list[Sequence[Any]] = [(figure, "orders", "tonnes", *currencies)]
    for share in shares:
        amounts = {amount.currency: amount.amount for amount in share.money}
        key = f"{share.key:%Y-%m}" if figure == "months" else share.key
        lines.append((key, share.orders, share.units, *(amounts.get(code) for code in currencies)))
    response = Response(b"".join(csv_text(iter(lines))), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{figure}-{now():%Y-%m-%d}.csv")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _parts(found: Figures) -> list[Part]:
    chart = columns([(share.key, share.units) for share in found.months])
    names = [month(share.key) for share in found.months]
    buyers = {"individual": _("Individuals"), "organisation": _("Organisations")}
    return [
        Part("months", _("Month by month"), _("Month"), names, found.months, chart),
        _part("countries", _("By country of the buyer"), _("Country"), found.countries, country),
        _part("buyers", _("By kind of buyer"), _("Buyer"), found.buyers, lambda code: buyers.get(code, code)),
        _part("methods", _("By way to pay"), _("Paid by"), found.methods, method),
    ]


def _part(
    code: str, title: str, heading: str, shares: Sequence[Share[str]], named: Callable[[str], str]
) -> Part:
    names = [named(share.key) for share in shares]
    longest = [(name, share.units) for name, share in zip(names, shares, strict=True)][:_MOST_ROWS]
    return Part(code, title, heading, names, shares, rows(longest))
