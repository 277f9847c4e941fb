"""The self-test: a provider pays itself by one of its accounts, and gets the money back. No unit is touched."""

from datetime import timedelta
from uuid import UUID

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from app.domain.later import defer
from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.instructions import instructions_of
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.open_payment import MethodUnavailable, NotPayable
from app.domain.payments.queries import latest_payment_of, net_paid, payments_of
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.refunds.queries import refunds_outside
from app.domain.payments.refunds.states import TO_SEND
from app.domain.payments.standing import standing
from app.domain.payments.trials.open_trial import NotToBeTried, open_trial
from app.domain.payments.trials.queries import account_tried_by, own_trial
from app.domain.people.permissions import Permission
from app.extensions import database, now, works
from app.i18n import request_language
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.logs import about_order
from app.shells.start_checkout import start_checkout
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.provider.payee_accounts import own
from app.web.support.gate import needs, visitor
from app.web.support.order_words import service

_MAY_MOVE = frozenset({OrderState.AWAITING_PAYMENT, OrderState.PAID, OrderState.REFUND_DUE})
_ASK_AGAIN_AFTER = timedelta(seconds=5)


@blueprint.post("/payee-accounts/<uuid:account>/trial")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def begin_trial(account: UUID) -> Response:
    """Begin one, or go on with the one that waits, and go to where it is paid."""
    gateway, session = own(account).gateway, database()
    try:
        order = open_trial(session, account, visitor().person.id, request_language(), now())
        number, order_id = order.number, order.id
        session.commit()
    except NotToBeTried as error:
        session.rollback()
        flash(_why_not(error.code), "error")
        return redirect(url_for("provider.payee_account", account=account), 303)
    about_order(number)
    try:
        start_checkout(works(), order_id)
    except (TryAgain, OutcomeUnknown):
        flash(
            _(
                "%(method)s cannot be reached at the moment. Nothing was paid; go on in a minute.",
                method=service(gateway),
            ),
            "wait",
        )
    except (MethodUnavailable, NotPayable, Refused):
        pass  # the page itself says what is wrong
    else:
        return redirect(url_for("provider.trial", number=number, go="on"), 303)
    return redirect(url_for("provider.trial", number=number), 303)


@blueprint.get("/trials/<number>")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def trial(number: str) -> Response:
    """How it stands; for htmx only what moves.

    `go`: on to the gateway at once. `back=paid`: back from there, which proves nothing and has the gateway asked.
    """
    provider, session = acting_provider(), database()
    order = own_trial(session, provider.id, number)
    if order is None:
        abort(404)
    about_order(order.number)
    payment = latest_payment_of(session, order.id)
    if request.args.get("back") == "paid":
        _ask_gateway(order, payment)
        return redirect(url_for("provider.trial", number=number), 303)
    transfer = transfer_of(session, order.id)
    refunds = refunds_of(session, order.id)
    waits = order.state == OrderState.AWAITING_PAYMENT and now() < order.hold_until
    started = payment is not None and payment.state == PaymentState.STARTED
    there = payment.redirect_url if payment is not None and waits and started else None
    shown = {
        "provider": provider,
        "order": order,
        "account": account_tried_by(session, order.id),
        "payment": payment,
        "payments": payments_of(session, order.id),
        "standing": standing(session, order),
        "waits": waits,
        "there": there,
        "came": net_paid(session, order) > 0,
        "how": instructions_of(session, transfer) if transfer is not None else None,
        "refunds": refunds,
        "to_send": [each for each in refunds if each.state in TO_SEND],
        "outside": refunds_outside(session, order.id),
        "moves": order.method != "bank" and order.state in _MAY_MOVE,
    }
    if "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers:
        response = make_response(render_block("provider/trial.html", "status", **shown))
    else:
        response = make_response(render_template("provider/trial.html", **shown))
        if there and request.args.get("go"):
            # Not a redirect of the form: see the buyers' page on the way to a gateway.
            response.headers["Refresh"] = f"0; url={there}"
    response.vary.add("HX-Request")
    return response


def _ask_gateway(order: Order, payment: Payment | None) -> None:
    """Have the gateway asked, unless it was a moment ago."""
    if payment is None or payment.external_id is None or order.state not in _MAY_MOVE:
        return
    seen = payment.looked_at
    fresh = seen is not None and now() - seen < _ASK_AGAIN_AFTER
    defer(
        database(),
        "look_at_payment",
        at=seen + _ASK_AGAIN_AFTER if seen is not None and fresh else None,
        payment_id=payment.id,
    )
    database().commit()


def _why_not(code: str) -> str:
    if code == "provider":
        return _("You can try your accounts out once you are approved.")
    return _("This account is not in use. What is the matter with it is said below.")
