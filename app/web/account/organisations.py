"""The organisations that the visitor belongs to, and a new one."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.account_queries import memberships_of
from app.domain.people.create_organisation import TooManyOrganisations, create_organisation
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.account.blueprint import blueprint
from app.web.account.forms import OrganisationForm
from app.web.support.fields import countries
from app.web.support.gate import needs, visitor


@blueprint.get("/organisations")
@needs(Permission.OWN_ORGANISATIONS_READ)
def organisations() -> str:
    """The list, and a form for a new one."""
    return _page(OrganisationForm(formdata=None))


@blueprint.post("/organisations")
@needs(Permission.OWN_ORGANISATIONS_CREATE)
def create() -> Response | tuple[str, int]:
    """A new one, which the visitor owns."""
    form = OrganisationForm()
    if not form.validate():
        return _page(form), 422
    try:
        made = create_organisation(database(), visitor().person.id, form.name.data, form.country.data, now())
    except TooManyOrganisations:
        flash(_("You own as many organisations as one person can. Nothing was changed."), "wait")
        return redirect(url_for("account.organisations"), 303)
    database().commit()
    flash(_("The organisation is there. Invite your colleagues below."), "success")
    return redirect(url_for("account.organisation", organisation=made.id), 303)


def _page(form: OrganisationForm) -> str:
    return render_template(
        "account/organisations.html",
        form=form,
        memberships=memberships_of(database(), visitor().person.id),
        countries=countries(),
    )
