"""Ask for approval."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.permissions import Permission
from app.domain.people.submit_provider import SomethingMissing, submit_provider
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs, visitor


@blueprint.post("/submit")
@needs(Permission.PROVIDER_PROFILE_WRITE)
def submit() -> Response:
    """What comes of it is on the checklist."""
    session = database()
    try:
        submit_provider(session, acting_provider().id, visitor().person.id, now())
        session.commit()
    except SomethingMissing:
        session.rollback()
        flash(_("Something is missing still. Nothing was sent; the list says what it is."), "error")
    except IllegalStep:
        session.rollback()
        flash(_("That was done before."), "wait")
    return redirect(url_for("provider.home"), 303)
