"""Somebody has lost the links to their orders: they are sent to the address, and this page tells nobody anything."""

from email_validator import EmailNotValidError, validate_email
from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.orders.details import EMAIL_MAX
from app.domain.orders.send_links import send_links
from app.extensions import database, limiter, now
from app.i18n import request_language
from app.web.public.blueprint import blueprint

_SENT = "links_asked_for"  # in the cookie: the address, to be read back once


@blueprint.get("/find-order")
def find_order() -> str:
    """The form; after it was sent, what to do now. The same words whether the address is known or not."""
    return render_template("public/find_order.html", sent=session.pop(_SENT, None), email="", errors={})


@blueprint.post("/find-order")
@limiter.limit("10 per hour; 3 per minute")
def send_my_links() -> Response | tuple[str, int]:
    """Queue the mail where there is something to send."""
    typed = request.form.get("email", "").strip()[: EMAIL_MAX + 1]
    try:
        validate_email(typed, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        errors = {"email": _("Write an e-mail address like name@example.org.")}
        page = render_template("public/find_order.html", sent=None, email=typed, errors=errors)
        return page, 422
    send_links(database(), typed, request_language(), now())
    database().commit()
    session[_SENT] = typed
    return redirect(url_for("public.find_order"), 303)
