"""Pay an order that waits in another way; where money of the first way may yet come, only with the buyer's consent."""

from contextlib import suppress

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.orders.consents import text_version
from app.domain.orders.models import Order, OrderState
from app.domain.orders.queries import order_by_token
from app.domain.payments.change_method import BothMayBeTaken, ConsentNeeded, money_under_way
from app.domain.payments.open_payment import MethodUnavailable, NotPayable
from app.extensions import database, limiter, works
from app.i18n import request_language
from app.integrations.errors import NeighbourError
from app.logs import about_order
from app.shells.change_order_method import change_order_method
from app.shells.start_checkout import start_checkout
from app.web.public.blueprint import blueprint
from app.web.public.order_facts import keep_to_the_reader
from app.web.public.orders import unknown_order
from app.web.public.ways import every_way
from app.web.support.consent_texts import second_payment_text


@blueprint.get("/orders/<token>/method")
def method(token: str) -> Response:
    """Every way to pay this order, `method` chosen already, and what is to be known before another one is taken."""
    order = order_by_token(database(), token)
    if order is None:
        return unknown_order()
    about_order(order.number)
    if order.state != OrderState.AWAITING_PAYMENT:
        return redirect(url_for("public.order", token=token), 303)
    return _page(order, request.args.get("method", ""))


@blueprint.post("/orders/<token>/method")
@limiter.limit("20 per minute")
def change_method(token: str) -> Response:
    """Let it be paid by `method`. `both_may_be_taken`: the box, where there is one."""
    order = order_by_token(database(), token)
    if order is None:
        return unknown_order()
    about_order(order.number)
    chosen, order_id = request.form.get("method", ""), order.id
    words, language = second_payment_text(order.provider.legal_name), request_language()
    version = text_version(database(), language)
    ticked = request.form.get("both_may_be_taken") == "yes"
    if chosen not in {each["value"] for each in every_way(order)}:
        if order.state != OrderState.AWAITING_PAYMENT:
            return redirect(url_for("public.order", token=token), 303)
        return _page(order, "", _("Choose how you would like to pay."))
    database().rollback()  # no transaction stays open while the service is waited for
    try:
        change_order_method(
            works(), order_id, chosen, BothMayBeTaken(words, language, version) if ticked else None
        )
    except NotPayable:
        flash(_("This order waits for no payment any more. How it stands is shown below."), "wait")
        return redirect(url_for("public.order", token=token), 303)
    except MethodUnavailable:
        return _page(order, "", _("The seller cannot be paid in this way any more. Choose another one."))
    except ConsentNeeded:
        problem = _("Tick the box to pay in a second way. Nothing was changed.")
        return _page(order, chosen, problem if "asked" in request.form else "", field="both_may_be_taken")
    # Where that fails, the page that follows says what is wrong, and how to try again.
    with suppress(NeighbourError, NotPayable, MethodUnavailable):
        start_checkout(works(), order_id)
    return redirect(url_for("public.pay", token=token), 303)


def _page(order: Order, chosen: str, problem: str = "", field: str = "method") -> Response:
    response = make_response(
        render_template(
            "public/method.html",
            order=order,
            ways=every_way(order),
            chosen=chosen or order.method,
            why=money_under_way(database(), order),
            words=second_payment_text(order.provider.legal_name),
            errors={field: problem} if problem else {},
        ),
        422 if problem else 200,
    )
    return keep_to_the_reader(response)
