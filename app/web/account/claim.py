"""Take over the orders that were placed as a guest."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.domain.orders.claim_orders import NotVerified, claim_orders
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.account.blueprint import blueprint
from app.web.support.gate import needs, visitor


@blueprint.post("/claim")
@needs(Permission.OWN_ORDERS_CLAIM)
def claim() -> Response:
    """All of them at once."""
    try:
        claimed = claim_orders(database(), visitor().person.id, now())
    except NotVerified:
        database().rollback()
        flash(_("Your e-mail address is not verified yet, so nothing was added."), "wait")
        return redirect(url_for("account.home"), 303)
    database().commit()
    flash(
        ngettext(
            "%(num)d order was added to your account.", "%(num)d orders were added to your account.", claimed
        ),
        "success",
    )
    return redirect(url_for("account.home"), 303)
