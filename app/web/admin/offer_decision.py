"""Approve an offer, send it back, suspend it, reinstate it or delist it."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.offers.decide_offer import decide_offer as decide
from app.domain.offers.models import Offer
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.admin.change import Change, change_page, reason_missing
from app.web.support.gate import elevated, needs, visitor

_ACTS = "any(approve, 'send-back', suspend, reinstate, delist)"


@blueprint.get(f"/offers/<uuid:offer>/<{_ACTS}:act>")
@needs(Permission.PLATFORM_OFFERS_DECIDE)
@elevated
def offer_decision(offer: UUID, act: str) -> str:
    """What it means, and a reason to give."""
    return change_page(_change(offer, act))


@blueprint.post(f"/offers/<uuid:offer>/<{_ACTS}:act>")
@needs(Permission.PLATFORM_OFFERS_DECIDE)
@elevated
def decide_offer(offer: UUID, act: str) -> Response | tuple[str, int]:
    """Do it, for the offer and all that was added to it."""
    change = _change(offer, act)
    session = database()
    try:
        decide(
            session, offer, act.replace("-", "_"), request.form.get("reason", ""), visitor().person.id, now()
        )
        session.commit()
    except ReasonMissing:
        session.rollback()
        return change_page(change, reason_missing()), 422
    except IllegalStep:
        session.rollback()
        flash(_("That was done before. How the offer stands is shown below."), "wait")
        return redirect(change.back, 303)
    flash(_("Done. The audit trail says so, and the provider gets a mail with your reason."), "success")
    return redirect(change.back, 303)


def _change(offer_id: UUID, act: str) -> Change:
    found = database().get(Offer, offer_id)
    if found is None:
        abort(404)
    name = found.mandate.block.activity.title
    back = url_for("admin.offer", offer=found.added_to or found.id)
    if act == "approve":
        return Change(
            _("Approve the offer of %(name)s", name=name),
            _("Buyers can order it from now on, or from its first day on."),
            _("Approve"),
            back,
            danger=False,
        )
    if act == "send-back":
        return Change(
            _("Send back the offer of %(name)s", name=name),
            _("Its provider reads your reason, changes the offer and submits it once more."),
            _("Send it back"),
            back,
            danger=False,
        )
    if act == "reinstate":
        return Change(
            _("Reinstate the offer of %(name)s", name=name),
            _("It is on sale again, unless its provider had paused it."),
            _("Reinstate"),
            back,
            danger=False,
        )
    placed = _(
        "Orders that are placed already go on: what is paid is cancelled and certified, and what is not paid yet can be "
        "paid until it expires."
    )
    if act == "suspend":
        return Change(
            _("Suspend the offer of %(name)s", name=name),
            _("Nobody can order it, and its provider cannot resume it, until it is reinstated.")
            + " "
            + placed,
            _("Suspend"),
            back,
        )
    return Change(
        _("Take the offer of %(name)s off for good", name=name),
        _("Nobody can order it ever again. Its provider takes back the units that are left.") + " " + placed,
        _("Take it off"),
        back,
    )
