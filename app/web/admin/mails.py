"""Have a mail about an order sent once more."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.mails.models import Mail
from app.domain.mails.send_again import NoAddress, send_again
from app.domain.orders.models import Order
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.admin.change import Change, change_page, reason_missing
from app.web.support.gate import needs, visitor


@blueprint.get("/mails/<uuid:mail>/send-again")
@needs(Permission.PLATFORM_ORDERS_WRITE)
def mail_to_send(mail: UUID) -> str:
    """What it means, and a reason to give."""
    return change_page(_change(_mail(mail)))


@blueprint.post("/mails/<uuid:mail>/send-again")
@needs(Permission.PLATFORM_ORDERS_WRITE)
def send_mail_again(mail: UUID) -> Response | tuple[str, int]:
    """Queue it."""
    found, session = _mail(mail), database()
    change = _change(found)
    try:
        send_again(session, found, request.form.get("reason", ""), visitor().person.id, now())
        session.commit()
    except ReasonMissing:
        return change_page(change, reason_missing()), 422
    except NoAddress:
        flash(_("Whoever it went to has been forgotten."), "wait")
        return redirect(change.back, 303)
    flash(_("Done. The audit trail says so."), "success")
    return redirect(change.back, 303)


def _mail(mail_id: UUID) -> Mail:
    found = database().get(Mail, mail_id)
    if found is None or found.order_id is None:
        abort(404)
    return found


def _change(found: Mail) -> Change:
    order = database().get_one(Order, found.order_id)
    return Change(
        _("Send the mail again"),
        _("The same mail to the same address, written from how the order stands now."),
        _("Send again"),
        url_for("admin.order", number=order.number),
        danger=False,
    )
