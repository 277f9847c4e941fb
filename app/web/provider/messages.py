"""The thread of an order, for its provider: answer the buyer, or say that no answer is needed."""

from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.certificates.queries import finished_certificate_of
from app.domain.orders.models import Order
from app.domain.orders.own_orders import own_order
from app.domain.people.permissions import Permission
from app.domain.threads.message_text import TextRefused
from app.domain.threads.models import Author
from app.domain.threads.need_no_answer import need_no_answer
from app.domain.threads.write_message import TooMany, write_message
from app.extensions import database, now
from app.logs import about_order
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs, visitor
from app.web.support.threads import message_problem, thread_shown, typed_message


@blueprint.post("/orders/<number>/messages")
@needs(Permission.PROVIDER_ORDERS_WRITE)
def send_message(number: str) -> Response | tuple[str, int]:
    """`text`, `key`."""
    order, session = _order(number), database()
    text, key = typed_message()
    try:
        write_message(session, order.id, Author.PROVIDER, text, key, visitor().person.id, now())
        session.commit()
    except (TextRefused, TooMany) as refused:
        session.rollback()
        return _refused(order, message_problem(refused, Author.PROVIDER)), 422
    flash(_("Sent. The buyer gets it by mail, too."), "done")
    return redirect(url_for("provider.order", number=number), 303)


@blueprint.post("/orders/<number>/no-answer")
@needs(Permission.PROVIDER_ORDERS_WRITE)
def no_answer(number: str) -> Response:
    """`seen`: since when the buyer waited on the page."""
    order = _order(number)
    try:
        seen = datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        abort(400)
    need_no_answer(database(), order.id, seen)
    database().commit()
    flash(_("Noted: no answer is needed."), "done")
    return redirect(url_for("provider.order", number=number), 303)


def _order(number: str) -> Order:
    found = own_order(database(), acting_provider().id, number)
    if found is None:
        abort(404)
    about_order(found.number)
    return found


def _refused(order: Order, problem: str) -> str:
    """The form as it was sent, on a page of its own."""
    return render_template(
        "provider/message_refused.html",
        provider=acting_provider(),
        order=order,
        thread=thread_shown(database(), order, finished_certificate_of(database(), order.id)),
        text=request.form.get("text", ""),
        errors={"text": problem},
    )
