"""The browsers in which the visitor is signed in, and ending that in one of them."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.account_queries import own_sign_in
from app.domain.people.end_sign_in import end_sign_in
from app.domain.people.models import EndedWhy, Realm
from app.domain.people.permissions import Permission
from app.domain.people.queries import sign_ins_under_way
from app.extensions import database, now
from app.web.account.blueprint import blueprint
from app.web.support.end_there import end_there
from app.web.support.gate import needs, visitor
from app.web.support.signed_in import forget_browser


@blueprint.get("/sign-ins")
@needs(Permission.OWN_PROFILE_READ)
def sign_ins() -> str:
    """Since when, until when, and which is this browser."""
    here = visitor()
    return render_template(
        "account/sign_ins.html",
        sign_ins=sign_ins_under_way(database(), here.person.id),
        here=here.sign_in.id,
    )


@blueprint.post("/sign-ins/<uuid:sign_in>/end")
@needs(Permission.OWN_PROFILE_WRITE)
def end(sign_in: UUID) -> Response:
    """Sign out there; or here, if that is this browser."""
    session, here = database(), visitor()
    found = own_sign_in(session, here.person.id, sign_in)
    if found is None:
        abort(404)
    token = found.refresh_sealed
    end_sign_in(session, found.id, EndedWhy.SIGNED_OUT, now())
    session.commit()
    end_there([token])
    if found.id == here.sign_in.id:
        response = redirect(url_for("sign_in.signed_out_page"), 303)
        forget_browser(response, Realm.PUBLIC)
        return response
    flash(_("That browser is signed out."), "success")
    return redirect(url_for("account.sign_ins"), 303)
