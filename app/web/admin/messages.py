"""The thread of an order, for administrators: they write to both sides, and end a complaint."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.certificates.queries import finished_certificate_of
from app.domain.orders.attention import order_for_administrators
from app.domain.orders.models import Order
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing
from app.domain.threads.decide_complaint import decide_complaint
from app.domain.threads.message_text import TextRefused
from app.domain.threads.models import Author
from app.domain.threads.solve_complaint import NothingStands
from app.domain.threads.write_message import write_message
from app.extensions import database, now
from app.logs import about_order
from app.web.admin.blueprint import blueprint
from app.web.support.gate import needs, visitor
from app.web.support.threads import message_problem, thread_shown, typed_message


@blueprint.post("/orders/<number>/messages")
@needs(Permission.PLATFORM_ORDERS_WRITE)
def send_message(number: str) -> Response | tuple[str, int]:
    """`text`, `key`."""
    order, session = _order(number), database()
    text, key = typed_message()
    try:
        write_message(session, order.id, Author.ADMINISTRATOR, text, key, visitor().person.id, now())
        session.commit()
    except TextRefused as refused:
        session.rollback()
        return _refused(order, {"text": message_problem(refused, Author.ADMINISTRATOR)}), 422
    flash(_("Sent. Buyer and seller get it by mail, too."), "success")
    return redirect(url_for("admin.order", number=number), 303)


@blueprint.post("/orders/<number>/complaint")
@needs(Permission.PLATFORM_ORDERS_WRITE)
def close_complaint(number: str) -> Response | tuple[str, int]:
    """`outcome`: how it ends, for both sides and the audit trail."""
    order, session = _order(number), database()
    try:
        decide_complaint(session, order.id, request.form.get("outcome", ""), visitor().person.id, now())
        session.commit()
    except ReasonMissing:
        session.rollback()
        return _refused(order, {"outcome": _("Write how it ends. Both sides get your words.")}), 422
    except NothingStands:
        session.rollback()
        flash(_("The complaint is closed already. How it stands is shown below."), "wait")
        return redirect(url_for("admin.order", number=number), 303)
    flash(_("Done. The audit trail says so."), "success")
    return redirect(url_for("admin.order", number=number), 303)


def _order(number: str) -> Order:
    found = order_for_administrators(database(), number)
    if found is None:
        abort(404)
    about_order(found.number)
    return found


def _refused(order: Order, errors: dict[str, str]) -> str:
    """The form as it was sent, on a page of its own."""
    return render_template(
        "admin/message_refused.html",
        order=order,
        thread=thread_shown(database(), order, finished_certificate_of(database(), order.id)),
        text=request.form.get("text", ""),
        errors=errors,
    )
