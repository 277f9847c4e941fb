"""Orders of all providers: a list with filters, and a search by anything that somebody has in hand."""

from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.domain.orders.own_orders import currencies_of
from app.domain.payments.standing import standings
from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.domain.sales.find_orders import TYPED_MAX, find_orders
from app.domain.sales.wanted import Show
from app.extensions import database
from app.web.admin.blueprint import blueprint
from app.web.support.gate import needs
from app.web.support.order_files import export_response
from app.web.support.order_list import list_address, list_response, pairs, read_wanted, show_words

_PAGE = "admin/orders.html"


@blueprint.get("/orders")
@needs(Permission.PLATFORM_ORDERS_READ)
def orders() -> Any:
    """`q` finds by anything; else the list, as for providers, of one of them where `provider` says so."""
    if typed := request.args.get("q", "").strip()[:TYPED_MAX]:
        return _found(typed)
    provider = _provider(request.args)
    shows = {
        Show.NEEDS_DECISION: _("Needs a person"),
        Show.NEEDS_PROVIDER: _("Waits for its provider"),
        **show_words(),
    }
    return list_response(
        _PAGE,
        "admin.orders",
        read_wanted(request.args, provider.id if provider else None),
        shows,
        currencies_of(database(), provider.id if provider else None),
        fixed={"provider": str(provider.id)} if provider else {},
        provider=provider,
        hits=None,
        q="",
    )


@blueprint.post("/orders")
@needs(Permission.PLATFORM_ORDERS_READ)
def export_orders() -> Any:
    """The whole list as a file: `format` is csv or xlsx, the rest is as above. A POST, because the trail notes it."""
    provider = _provider(request.form)
    wanted = read_wanted(request.form, provider.id if provider else None)
    return export_response(wanted, "administrator", list_address("admin.orders", pairs(wanted)))


def _found(typed: str) -> Response:
    """One hit leads straight to the order."""
    hits = find_orders(database(), typed)
    if len(hits) == 1:
        return make_response(redirect(url_for("admin.order", number=hits[0].number), 303))
    return make_response(
        render_template(_PAGE, hits=hits, q=typed, standings=standings(database(), hits), provider=None)
    )


def _provider(args: MultiDict[str, str]) -> Provider | None:
    """The provider that is asked for; none of that name is as if none was."""
    try:
        return database().get(Provider, UUID(args.get("provider", "")))
    except ValueError:
        return None
