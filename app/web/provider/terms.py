"""The providers' terms: read them, accept them once."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.accept_provider_terms import accept_provider_terms
from app.domain.people.permissions import Permission
from app.domain.people.provider_terms import TERMS_VERSION
from app.extensions import database, now
from app.i18n import request_language
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.provider.terms_texts import agreement, provider_terms, words_shown
from app.web.support.gate import needs, visitor


@blueprint.get("/terms")
@needs(Permission.PROVIDER_PROFILE_READ)
def terms() -> str:
    """The terms in force, and whether they are accepted."""
    return _page()


@blueprint.post("/terms")
@needs(Permission.PROVIDER_PROFILE_WRITE)
def accept_terms() -> Response | tuple[str, int]:
    """`accept`: the box is ticked; `version`: of the words that stood there."""
    provider, session = acting_provider(), database()
    if request.form.get("accept") != "yes":
        return _page(_("Tick the box to accept the terms.")), 422
    if request.form.get("version") != TERMS_VERSION:
        return _page(_("The terms have changed meanwhile. Read them once more.")), 422
    accept_provider_terms(session, provider.id, words_shown(), request_language(), visitor().person.id, now())
    session.commit()
    flash(_("The terms are accepted."), "done")
    return redirect(url_for("provider.home"), 303)


def _page(error: str = "") -> str:
    return render_template(
        "provider/terms.html",
        provider=acting_provider(),
        paragraphs=provider_terms(),
        agreement=agreement(),
        version=TERMS_VERSION,
        errors={"accept": error} if error else {},
    )
