"""On to the payment service, and back to it when the first attempt did not work."""

from datetime import datetime

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.orders.models import Order, OrderState
from app.domain.orders.queries import order_by_token
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.change_method import money_under_way
from app.domain.payments.models import PaymentState
from app.domain.payments.money_map import money_map
from app.domain.payments.open_payment import MethodUnavailable, NotPayable
from app.domain.payments.queries import latest_payment_of, net_paid, usable_account
from app.domain.payments.release_terms import terms_shown
from app.extensions import database, now, works
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.logs import about_order
from app.money import Money
from app.shells.start_checkout import start_checkout
from app.web.public.blueprint import blueprint
from app.web.public.order_facts import keep_to_the_reader
from app.web.public.orders import unknown_order
from app.web.public.transfer import transfer_page
from app.web.public.ways import other_ways
from app.web.support.filters import clock
from app.web.support.order_words import service

_UNDER_WAY = {PaymentState.AUTHORIZED, PaymentState.PENDING}


@blueprint.get("/orders/<token>/pay")
def pay(token: str) -> Response:
    """The hop to the payment service, or why there is none and how to try again."""
    order = order_by_token(database(), token)
    if order is None:
        return unknown_order()
    about_order(order.number)
    payment = latest_payment_of(database(), order.id)
    if not _waits(order, now()) or (payment is not None and payment.state in _UNDER_WAY):
        return redirect(url_for("public.order", token=token), 303)
    if payment is not None and payment.state == PaymentState.STARTED and payment.redirect_url:
        response = make_response(
            render_template(
                "public/pay_hop.html", order=order, payment=payment, map=money_map(database(), order)
            )
        )
        # The policy's form-action 'self' holds for redirects of a form too, so the form that led here could
        # not lead on to another host. A page can; reloading at once leaves it out of the browser's history.
        response.headers["Refresh"] = f"0; url={payment.redirect_url}"
        return keep_to_the_reader(response)
    transfer = transfer_of(database(), order.id) if order.method == "bank" else None
    if payment is not None and payment.state == PaymentState.STARTED and transfer is not None:
        return transfer_page(order, transfer)
    account = usable_account(database(), order.provider_id, order.method, order.currency)
    response = make_response(
        render_template(
            "public/pay.html",
            order=order,
            payment=payment,
            payable=account is not None,
            map=money_map(database(), order),
            ways=other_ways(order),
            why=money_under_way(database(), order),
            terms=terms_shown(database(), order),
            to_pay=Money(order.total_minor - max(net_paid(database(), order), 0), order.currency),
        )
    )
    return keep_to_the_reader(response)


@blueprint.post("/orders/<token>/pay")
def start_payment(token: str) -> Response:
    """Open a payment at the service, or find the one that is open. Whatever goes wrong, nothing is lost."""
    order = order_by_token(database(), token)
    if order is None:
        return unknown_order()
    about_order(order.number)
    order_id, until, by = order.id, clock(order.hold_until), service(order.method)
    database().rollback()  # no transaction stays open while the service is waited for
    try:
        start_checkout(works(), order_id)
    except NotPayable:
        return redirect(url_for("public.order", token=token), 303)
    except TryAgain:
        flash(
            _(
                "%(method)s cannot be reached at the moment. Nothing was charged, and your units are held until "
                "%(time)s: please try again in a minute.",
                method=by,
                time=until,
            ),
            "wait",
        )
    except OutcomeUnknown:
        flash(
            _(
                "%(method)s did not answer in time. Nothing was charged: you have not approved anything yet. Try "
                "again; it will be the same payment, not a second one.",
                method=by,
            ),
            "wait",
        )
    except (MethodUnavailable, Refused):
        pass  # the page itself says what is wrong, now and when it is opened again
    return redirect(url_for("public.pay", token=token), 303)


def _waits(order: Order, at: datetime) -> bool:
    return order.state == OrderState.AWAITING_PAYMENT and at < order.hold_until
