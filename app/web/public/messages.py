"""Buyer and seller write to each other, and the buyer complains where writing does not help."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.orders.models import Order
from app.domain.orders.queries import order_by_token
from app.domain.threads.message_text import TextRefused
from app.domain.threads.models import Author
from app.domain.threads.open_complaint import NothingToComplain, open_complaint
from app.domain.threads.solve_complaint import NothingStands, solve_complaint
from app.domain.threads.write_message import TooMany, write_message
from app.extensions import database, limiter, now
from app.logs import about_order
from app.web.public.blueprint import blueprint
from app.web.public.order_facts import facts_of, keep_to_the_reader
from app.web.public.orders import unknown_order
from app.web.support.threads import message_problem, typed_message


@blueprint.get("/orders/<token>/messages")
def messages(token: str) -> Response:
    """What was said so far, and the form."""
    order = order_by_token(database(), token)
    if order is None:
        return unknown_order()
    return _page(order, {})


@blueprint.post("/orders/<token>/messages")
@limiter.limit("20 per hour")
def send_message(token: str) -> Response:
    """`text`, `key`; `complaint` (`yes`): the seller has 72 hours to answer, then administrators mediate."""
    order = order_by_token(database(), token)
    if order is None:
        return unknown_order()
    about_order(order.number)
    session, (text, key) = database(), typed_message()
    complains = request.form.get("complaint") == "yes"
    try:
        if complains:
            open_complaint(session, order.id, text, key, now())
        else:
            write_message(session, order.id, Author.BUYER, text, key, None, now())
        session.commit()
    except (TextRefused, TooMany) as refused:
        session.rollback()
        return _page(order, {"text": message_problem(refused, Author.BUYER)})
    except NothingToComplain:
        session.rollback()
        problem = _("This order has a complaint already, or nothing is paid yet. Send it as a message.")
        return _page(order, {"text": problem})
    flash(_("Sent. The answer comes by mail, and is shown here."), "done")
    return redirect(url_for("public.messages", token=token), 303)


@blueprint.post("/orders/<token>/solved")
def complaint_solved(token: str) -> Response:
    """The buyer says that what the complaint was about is solved."""
    order = order_by_token(database(), token)
    if order is None:
        return unknown_order()
    about_order(order.number)
    try:
        solve_complaint(database(), order.id, now())
        database().commit()
        flash(_("Thank you. The complaint is closed."), "done")
    except NothingStands:
        database().rollback()
        flash(_("The complaint is closed already. How it stands is shown below."), "wait")
    return redirect(url_for("public.messages", token=token), 303)


def _page(order: Order, errors: dict[str, str]) -> Response:
    facts = facts_of(database(), order, now())
    response = make_response(
        render_template(
            "public/messages.html",
            order=order,
            thread=facts.thread,
            claim_possible=facts.claim_possible(now()),
            errors=errors,
            text=request.form.get("text", ""),
            complains=request.form.get("complaint") == "yes",
        ),
        422 if errors else 200,
    )
    return keep_to_the_reader(response)
