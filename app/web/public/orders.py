"""The page of one order: it moves by itself from placed to certificate, and says in every state what comes next."""

from datetime import datetime, timedelta
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response as AnyResponse

from app.domain.later import defer, waited_for
from app.domain.orders.models import OrderState
from app.domain.orders.queries import order_by_token
from app.domain.orders.withdraw_order import withdraw_order
from app.domain.payments.change_method import money_under_way
from app.domain.payments.models import Payment
from app.domain.payments.money_map import money_map
from app.domain.payments.queries import locked_order
from app.domain.payments.standing import standings
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.public.blueprint import blueprint
from app.web.public.order_facts import OrderFacts, facts_of, keep_to_the_reader
from app.web.public.story.tell import tell
from app.web.public.ways import other_ways

_ASKED = "asked"  # in the cookie: which payment is being asked about, and since when
_ASK_AGAIN_AFTER = timedelta(seconds=5)
_ANSWER_EXPECTED_WITHIN = timedelta(minutes=1)
_MAY_BE_PAID = {OrderState.AWAITING_PAYMENT, OrderState.EXPIRED, OrderState.WITHDRAWN}


@blueprint.get("/orders/<token>")
def order(token: str) -> AnyResponse:
    """The order; for htmx only what moves, and nothing (204) where nothing has moved.

    The buyer comes back from the gateway to `?back=paid` or `?back=unpaid`. Coming back proves nothing: it
    only makes us ask the gateway at once.
    """
    found = order_by_token(database(), token)
    if found is None:
        return unknown_order()
    facts = facts_of(database(), found, now())
    back = request.args.get("back", "")
    if back == "paid":
        _ask_gateway(facts, now())
        return redirect(url_for("public.order", token=token), 303)
    story = tell(facts, now(), asked=_is_being_asked(facts.payment, now()), back=back)
    shown = {
        "facts": facts,
        "order": found,
        "story": story,
        "back": "unpaid" if back == "unpaid" else None,
        "map": money_map(database(), found),
        "standings": standings(database(), found.group.orders),
        "ways": other_ways(found),
        "why": money_under_way(database(), found),
        "claim_possible": facts.claim_possible(now()),
    }
    # A page asked for again by the history has to be whole.
    if "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers:
        if request.args.get("seen") == story.fingerprint:
            return keep_to_the_reader(Response(status=204))
        response = make_response(render_block("public/order.html", "status", fragment=True, **shown))
    else:
        response = make_response(render_template("public/order.html", fragment=False, **shown))
    response.vary.add("HX-Request")
    return keep_to_the_reader(response)


@blueprint.post("/orders/<token>/withdraw")
def withdraw(token: str) -> AnyResponse:
    """Give the order up before anything is paid."""
    found = order_by_token(database(), token)
    if found is None:
        return unknown_order()
    try:
        withdraw_order(database(), locked_order(database(), found.id), "buyer", now(), actor="buyer")
        database().commit()
    except IllegalStep:
        database().rollback()
        flash(_("This order cannot be withdrawn any more. How it stands is shown below."), "wait")
    return redirect(url_for("public.order", token=token), 303)


def unknown_order() -> Response:
    """No order has this link: 404, and the way to one's links."""
    return keep_to_the_reader(make_response(render_template("public/order_unknown.html"), 404))


def _ask_gateway(facts: OrderFacts, at: datetime) -> None:
    """Have the gateway asked about the latest payment, unless this browser had it done just now.

    What was seen a moment before the buyer came back may be older than their paying: a card that was declined
    first, say. Then it is looked at again, a little later.
    """
    payment = facts.payment
    if payment is None or payment.external_id is None or facts.order.state not in _MAY_BE_PAID:
        return
    asked, seen = _asked_at(payment.id), payment.looked_at
    if asked is not None and at - asked < _ASK_AGAIN_AFTER:
        return
    if seen is None or at - seen >= _ASK_AGAIN_AFTER:
        defer(database(), "look_at_payment", payment_id=payment.id)
    elif str(payment.id) not in waited_for(database(), "look_at_payment"):
        defer(database(), "look_at_payment", at=seen + _ASK_AGAIN_AFTER, payment_id=payment.id)
    database().commit()
    session[_ASKED] = [str(payment.id), at.isoformat()]


def _is_being_asked(payment: Payment | None, at: datetime) -> bool:
    """Did this browser come back from the gateway a moment ago, with no answer yet?"""
    if payment is None:
        return False
    asked = _asked_at(payment.id)
    answered = payment.looked_at is not None and asked is not None and payment.looked_at > asked
    return asked is not None and not answered and at - asked < _ANSWER_EXPECTED_WITHIN


def _asked_at(payment_id: UUID) -> datetime | None:
    kept = session.get(_ASKED)
    return datetime.fromisoformat(kept[1]) if kept and kept[0] == str(payment_id) else None
