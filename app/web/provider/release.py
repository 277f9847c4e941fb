"""A paid order waits for its provider: its units may be cancelled, or the payment is not accepted."""

from collections.abc import Callable

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.orders.own_orders import own_order
from app.domain.orders.release_order import NotWaiting, refuse_order, release_order
from app.domain.payments.queries import locked_order
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.logs import about_order
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs, visitor


@blueprint.post("/orders/<number>/release")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def release_now(number: str) -> Response:
    """The units may be cancelled now."""
    return _decide(
        number, release_order, _("The payment service is asked once more, then the units are cancelled.")
    )


@blueprint.post("/orders/<number>/refuse")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def refuse_payment(number: str) -> Response:
    """Nothing is cancelled, and the money goes back."""
    return _decide(number, refuse_order, _("The buyer’s money goes back, and the units are free again."))


def _decide(number: str, act: Callable[..., None], said: str) -> Response:
    session, provider = database(), acting_provider()
    order = own_order(session, provider.id, number)
    if order is None:
        abort(404)
    about_order(order.number)
    try:
        act(session, locked_order(session, order.id), visitor().person.id, now(), actor="provider")
        session.commit()
        flash(said, "done")
    except NotWaiting:
        session.rollback()
        flash(_("This order does not wait for you any more. How it stands is shown below."), "wait")
    return redirect(url_for("provider.order", number=number), 303)
