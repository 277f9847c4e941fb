"""The first page of the account: the orders, newest first, with their certificates."""

from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.orders.bought import bought_order, bought_orders, count_claimable
from app.domain.people.account_queries import organisations_with, person_now
from app.domain.people.permissions import Permission
from app.extensions import database
from app.web.account.blueprint import blueprint
from app.web.support.gate import needs, visitor


@blueprint.get("")
@needs(Permission.OWN_ORDERS_READ)
def home() -> str:
    """`organisation`: only its orders; `after`: the page after the order with this number."""
    session, person = database(), person_now(database(), visitor().person.id)
    organisations = organisations_with(session, person.id, Permission.ORGANISATION_ORDERS_READ)
    wanted = request.args.get("organisation", "")
    chosen = next((each for each in organisations if str(each.id) == wanted), None)
    if wanted and chosen is None:
        abort(404)
    after = request.args.get("after")
    page = bought_orders(session, person.id, organisation_id=UUID(wanted) if wanted else None, after=after)
    older = url_for("account.home", organisation=wanted or None, after=page.older) if page.older else ""
    return render_template(
        "account/home.html",
        person=person,
        organisations=organisations,
        chosen=chosen,
        found=page,
        older=older,
        first=after is None,
        claimable=count_claimable(session, person),
    )


@blueprint.get("/orders/<number>")
@needs(Permission.OWN_ORDERS_READ)
def order(number: str) -> Response:
    """On to the order's page, whose secret address then need not stand in any list."""
    found = bought_order(database(), visitor().person.id, number)
    if found is None:
        abort(404)
    return redirect(url_for("public.order", token=found.token), 303)
