"""Suspend a provider, or reinstate it."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing
from app.domain.people.reinstate_provider import reinstate_provider
from app.domain.people.suspend_provider import suspend_provider
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.admin.change import Change, change_page, reason_missing
from app.web.support.gate import elevated, needs, visitor

_ACTS = {"suspend": suspend_provider, "reinstate": reinstate_provider}


@blueprint.get("/providers/<uuid:provider>/<any(suspend, reinstate):act>")
@needs(Permission.PLATFORM_PROVIDERS_SUSPEND)
@elevated
def provider_change(provider: UUID, act: str) -> str:
    """What it means, and a reason to give."""
    return change_page(_change(provider, act))


@blueprint.post("/providers/<uuid:provider>/<any(suspend, reinstate):act>")
@needs(Permission.PLATFORM_PROVIDERS_SUSPEND)
@elevated
def change_provider(provider: UUID, act: str) -> Response | tuple[str, int]:
    """Do it."""
    change = _change(provider, act)
    session = database()
    try:
        _ACTS[act](session, provider, request.form.get("reason", ""), visitor().person.id, now())
        session.commit()
    except ReasonMissing:
        return change_page(change, reason_missing()), 422
    except IllegalStep:
        session.rollback()
        flash(_("That was done before. How the provider stands is shown below."), "wait")
        return redirect(change.back, 303)
    flash(_("Done. The audit trail says so."), "success")
    return redirect(change.back, 303)


def _change(provider_id: UUID, act: str) -> Change:
    found = database().get(Provider, provider_id)
    if found is None:
        abort(404)
    back = url_for("admin.provider", provider=provider_id)
    if act == "suspend":
        return Change(
            _("Suspend %(name)s", name=found.display_name),
            _(
                "Nothing that it offers can be ordered any more, until it is reinstated. Orders that are placed already "
                "go on: what is paid is cancelled and certified."
            ),
            _("Suspend"),
            back,
        )
    return Change(
        _("Reinstate %(name)s", name=found.display_name),
        _("Its published offers are on sale again, as they were."),
        _("Reinstate"),
        back,
        danger=False,
    )
