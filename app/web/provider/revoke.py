"""Take a mandate back: what remains of it is the account's again."""

from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.mandates.ask_to_revoke import NotRevocable, ask_to_revoke
from app.domain.mandates.queries import OwnMandate, own_mandates
from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.provider.acting import acting_provider, own_accounts, own_token
from app.web.provider.attempt import attempt
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs, visitor


@blueprint.get("/mandates/<mandate_id>/revoke")
@needs(Permission.PROVIDER_MANDATES_WRITE)
def mandate_to_revoke(mandate_id: str) -> str:
    """What it would mean, before it happens."""
    provider, own = _own(mandate_id)
    return render_template("provider/revoke.html", provider=provider, own=own, key=uuid4())


@blueprint.post("/mandates/<mandate_id>/revoke")
@needs(Permission.PROVIDER_MANDATES_WRITE)
def revoke_mandate(mandate_id: str) -> Response:
    """Ask the registry."""
    provider, own = _own(mandate_id)
    token = own_token()
    try:
        key = UUID(request.form.get("key", ""))
    except ValueError:
        abort(400)
    try:
        act = ask_to_revoke(database(), key, provider, visitor().person.id, own.mandate, now())
    except NotRevocable:
        flash(_("This mandate has ended already. How it stands is shown below."), "wait")
        return redirect(url_for("provider.holdings"), 303)
    database().commit()
    attempt(act.id, token)
    return redirect(url_for("provider.holdings"), 303)


def _own(mandate_id: str) -> tuple[Provider, OwnMandate]:
    provider = acting_provider()
    found = own_mandates(database(), provider.id, own_accounts(provider), mandate_id)
    if not found:
        abort(404)
    return provider, found[0]
