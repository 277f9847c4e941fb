"""Who the visitor is, by their own word."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.account_queries import person_now
from app.domain.people.complete_profile import complete_profile
from app.domain.people.models import PersonKind
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.i18n import LANGUAGES, language_name, request_language
from app.web.account.blueprint import blueprint
from app.web.account.forms import ProfileForm
from app.web.support.fields import countries
from app.web.support.gate import needs, visitor


@blueprint.get("/profile")
@needs(Permission.OWN_PROFILE_READ)
def profile() -> str:
    """The form, filled in."""
    person = person_now(database(), visitor().person.id)
    language = person.language if person.language in LANGUAGES else request_language()
    known = {
        "name": person.name,
        "kind": person.kind.value if person.kind else "",
        "country": person.country or "",
        "language": language,
    }
    return _page(ProfileForm(formdata=None, data=known))


@blueprint.post("/profile")
@needs(Permission.OWN_PROFILE_WRITE)
def change_profile() -> Response | tuple[str, int]:
    """Keep it."""
    form = ProfileForm()
    if not form.validate():
        return _page(form), 422
    complete_profile(
        database(),
        visitor().person.id,
        name=form.name.data,
        language=form.language.data,
        country=form.country.data or None,
        kind=PersonKind(form.kind.data) if form.kind.data else None,
        now=now(),
    )
    database().commit()
    flash(_("Your profile is saved."), "success")
    return redirect(url_for("account.profile"), 303)


def _page(form: ProfileForm) -> str:
    return render_template(
        "account/profile.html",
        form=form,
        person=visitor().person,
        countries=countries(),
        mail_languages=[{"value": code, "label": language_name(code)} for code in LANGUAGES],
    )
