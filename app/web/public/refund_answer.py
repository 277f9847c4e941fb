"""The buyer's side of a refund by hand: has it come, and what shows that it was sent."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.orders.queries import order_by_token
from app.domain.payments.proofs import proof_of_order
from app.domain.payments.refunds.answer_refund import NothingToAnswer, answer_refund
from app.domain.payments.refunds.balance import refunds_of
from app.extensions import database, limiter, now
from app.logs import about_order
from app.web.public.blueprint import blueprint
from app.web.public.order_facts import keep_to_the_reader
from app.web.public.orders import unknown_order
from app.web.support.uploads import proof_response


@blueprint.post("/orders/<token>/refunds/<uuid:refund>/answer")
def refund_answer(token: str, refund: UUID) -> Response:
    """`came`: yes or no."""
    order = order_by_token(database(), token)
    if order is None:
        return unknown_order()
    about_order(order.number)
    came = request.form.get("came", "")
    if came not in {"yes", "no"}:
        abort(400)
    if refund not in {each.id for each in refunds_of(database(), order.id)}:
        abort(404)
    try:
        answer_refund(database(), refund, came == "yes", now())
        database().commit()
        if came == "yes":
            flash(_("Thank you. The refund is closed."), "done")
        else:
            flash(
                _("Thank you for telling us. The seller and the platform’s administrators have been told."),
                "done",
            )
    except NothingToAnswer:
        database().rollback()
        flash(_("This has been answered already. How it stands is shown below."), "wait")
    return redirect(url_for("public.order", token=token), 303)


@blueprint.get("/orders/<token>/proofs/<uuid:proof>")
@limiter.limit("60 per minute")
def proof(token: str, proof: UUID) -> Response:
    """A file that shows a movement of this order's money, to be kept."""
    order = order_by_token(database(), token)
    found = proof_of_order(database(), order.id, proof) if order is not None else None
    if order is None or found is None:
        return unknown_order()
    about_order(order.number)
    return keep_to_the_reader(proof_response(found))
