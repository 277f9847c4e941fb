"""Keep a person out, let them in again, or sign them out everywhere."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.disable_person import NotOneself, disable_person
from app.domain.people.enable_person import enable_person
from app.domain.people.models import Person
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing
from app.domain.people.sign_out_person import sign_out_person
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.admin.change import Change, change_page, reason_missing
from app.web.support.gate import elevated, needs, visitor

_ACTS = {"disable": disable_person, "enable": enable_person, "sign-out": sign_out_person}


@blueprint.get("/people/<uuid:person>/<any(disable, enable, 'sign-out'):act>")
@needs(Permission.PLATFORM_PEOPLE_DISABLE)
@elevated
def person_change(person: UUID, act: str) -> str:
    """What it means, and a reason to give."""
    return change_page(_change(person, act))


@blueprint.post("/people/<uuid:person>/<any(disable, enable, 'sign-out'):act>")
@needs(Permission.PLATFORM_PEOPLE_DISABLE)
@elevated
def change_person(person: UUID, act: str) -> Response | tuple[str, int]:
    """Do it."""
    change = _change(person, act)
    session = database()
    try:
        _ACTS[act](session, person, request.form.get("reason", ""), visitor().person.id, now())
        session.commit()
    except ReasonMissing:
        return change_page(change, reason_missing()), 422
    except NotOneself:
        return change_page(change, _("This is you. Ask another administrator.")), 422
    flash(_("Done. The audit trail says so."), "success")
    return redirect(change.back, 303)


def _change(person_id: UUID, act: str) -> Change:
    found = database().get(Person, person_id)
    if found is None or found.erased_at is not None:
        abort(404)
    back = url_for("admin.person", person=person_id)
    if act == "disable":
        return Change(
            _("Disable %(name)s", name=found.name),
            _(
                "They are signed out everywhere and cannot sign in here. Their orders and certificates stay as they are."
            ),
            _("Disable"),
            back,
        )
    if act == "enable":
        return Change(
            _("Enable %(name)s", name=found.name),
            _("They can sign in here again."),
            _("Enable"),
            back,
            danger=False,
        )
    return Change(
        _("Sign %(name)s out everywhere", name=found.name),
        _("Every browser is signed out here at once. They can sign in again."),
        _("Sign them out"),
        back,
    )
