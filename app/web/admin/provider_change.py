"""Decide about a provider: alone what protects buyers or only asks for more, by two what lets it sell or ends it."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.four_eyes.propose import NotPossible, ProposedAlready, propose
from app.domain.people.decide_provider import decide_provider
from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.admin.change import Change, change_page, reason_missing
from app.web.admin.proposal_words import proposed, proposed_already
from app.web.support.gate import elevated, needs, visitor

# What one administrator may do alone, as a step; anything else is proposed to another one.
_ALONE = {"suspend": "suspend", "reinstate": "reinstate", "send-back": "send_back"}


@blueprint.get(
    "/providers/<uuid:provider>/<any(suspend, reinstate, 'send-back', approve, delist, relist):act>"
)
@needs(Permission.PLATFORM_PROVIDERS_DECIDE)
@elevated
def provider_change(provider: UUID, act: str) -> str:
    """What it means, and a reason to give."""
    return change_page(_change(provider, act))


@blueprint.post(
    "/providers/<uuid:provider>/<any(suspend, reinstate, 'send-back', approve, delist, relist):act>"
)
@needs(Permission.PLATFORM_PROVIDERS_DECIDE)
@elevated
def change_provider(provider: UUID, act: str) -> Response | tuple[str, int]:
    """Do it, or propose it."""
    change, session = _change(provider, act), database()
    reason, person_id = request.form.get("reason", ""), visitor().person.id
    try:
        if act in _ALONE:
            decide_provider(session, provider, _ALONE[act], reason, person_id, now())
        else:
            propose(session, f"provider.{act}", provider, reason, person_id, now())
        session.commit()
    except ReasonMissing:
        return change_page(change, reason_missing()), 422
    except ProposedAlready:
        return proposed_already(change.back)
    except (IllegalStep, NotPossible):
        session.rollback()
        flash(_("That was done before. How the provider stands is shown below."), "wait")
        return redirect(change.back, 303)
    if act not in _ALONE:
        return proposed(change.back)
    flash(_("Done. The audit trail says so."), "success")
    return redirect(change.back, 303)


def _change(provider_id: UUID, act: str) -> Change:
    found = database().get(Provider, provider_id)
    if found is None:
        abort(404)
    name, back = found.display_name, url_for("admin.provider", provider=provider_id)
    on_sale = _(
        "Nothing that it offers can be ordered any more. Orders that are placed already go on: what is paid is "
        "cancelled and certified."
    )
    return {
        "suspend": Change(_("Suspend %(name)s", name=name), on_sale, _("Suspend"), back),
        "reinstate": Change(
            _("Reinstate %(name)s", name=name),
            _("Its published offers are on sale again, as they were."),
            _("Reinstate"),
            back,
            danger=False,
        ),
        "send-back": Change(
            _("Send %(name)s back", name=name),
            _("It reads your reason, changes what you ask for, and asks for approval again."),
            _("Send back"),
            back,
            danger=False,
        ),
        "approve": Change(
            _("Approve %(name)s", name=name),
            _("Once another administrator has confirmed it, it can try out being paid, and offer units."),
            _("Propose"),
            back,
            danger=False,
        ),
        "delist": Change(_("Delist %(name)s", name=name), on_sale, _("Propose"), back),
        "relist": Change(
            _("Take %(name)s in again", name=name),
            _("Its published offers are on sale again, as they were."),
            _("Propose"),
            back,
            danger=False,
        ),
    }[act]
