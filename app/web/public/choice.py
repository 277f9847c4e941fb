"""The buyer of units that the registry refused chooses: other units of the seller, or the money."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.orders.accept_substitute import ChoiceRefused, NotChoosing, accept_substitute
from app.domain.orders.give_back import give_back
from app.domain.orders.hold import NotAvailable
from app.domain.orders.models import Order, OrderState
from app.domain.orders.queries import order_by_token
from app.domain.payments.queries import locked_order
from app.extensions import database, now
from app.web.public.blueprint import blueprint
from app.web.public.orders import unknown_order


@blueprint.post("/orders/<token>/substitute")
def substitute(token: str) -> Response:
    """Take other units: for each line, `line-<id>` is the id of the offer that was chosen."""
    session = database()
    found = order_by_token(session, token)
    if found is None:
        return unknown_order()
    order = locked_order(session, found.id)
    try:
        accept_substitute(session, order, _chosen(order), now())
        session.commit()
    except ChoiceRefused:
        session.rollback()
        flash(_("Choose one of the units below. Nothing has been cancelled yet."), "error")
    except NotAvailable:
        session.rollback()
        flash(_("These units have just been sold. Nothing has been cancelled; please choose again."), "wait")
    except NotChoosing:
        session.rollback()
        flash(_("There is nothing to choose any more. How it stands is shown below."), "wait")
    return redirect(url_for("public.order", token=token), 303)


@blueprint.post("/orders/<token>/money-back")
def money_back(token: str) -> Response:
    """No other units: the seller gives the money back."""
    session = database()
    found = order_by_token(session, token)
    if found is None:
        return unknown_order()
    order = locked_order(session, found.id)
    if order.state == OrderState.FULFILMENT_FAILED:
        give_back(session, order, order.state_reason, now(), actor="buyer")
        session.commit()
    else:
        session.rollback()
        flash(_("There is nothing to choose any more. How it stands is shown below."), "wait")
    return redirect(url_for("public.order", token=token), 303)


def _chosen(order: Order) -> dict[UUID, UUID]:
    """What the form says; a line without a readable choice is left out."""
    chosen = {}
    for line in order.lines:
        try:
            chosen[line.id] = UUID(request.form.get(f"line-{line.id}", ""))
        except ValueError:
            continue
    return chosen
