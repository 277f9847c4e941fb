"""One organisation: what it is called, who belongs to it, who is invited."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.account_models import MemberRole
from app.domain.people.account_queries import members_of, open_invitations
from app.domain.people.change_organisation import change_organisation
from app.domain.people.leave import leave
from app.domain.people.membership import LastOwner, membership_with
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.account.blueprint import blueprint
from app.web.account.forms import InviteForm, OrganisationForm
from app.web.support.fields import countries
from app.web.support.gate import needs, visitor


@blueprint.get("/organisations/<uuid:organisation>")
@needs(Permission.OWN_ORGANISATIONS_READ)
def organisation(organisation: UUID) -> str:
    """The page, for members."""
    return organisation_page(organisation)


@blueprint.post("/organisations/<uuid:organisation>")
@needs(Permission.OWN_ORGANISATIONS_READ)
def change(organisation: UUID) -> Response | tuple[str, int]:
    """Another name or country, by an owner."""
    form, session, person_id = OrganisationForm(), database(), visitor().person.id
    membership_with(session, organisation, person_id, Permission.ORGANISATION_PROFILE_WRITE)
    if not form.validate():
        return organisation_page(organisation, form=form), 422
    change_organisation(
        session, organisation, name=form.name.data, country=form.country.data, by=person_id, now=now()
    )
    session.commit()
    flash(_("The organisation is saved."), "success")
    return back_to(organisation)


@blueprint.post("/organisations/<uuid:organisation>/leave")
@needs(Permission.OWN_ORGANISATIONS_READ)
def leave_organisation(organisation: UUID) -> Response:
    """The visitor goes."""
    try:
        left = leave(database(), organisation, visitor().person.id, now())
    except LastOwner:
        database().rollback()
        return last_owner(organisation)
    database().commit()
    flash(_("You have left %(organisation)s.", organisation=left.name), "success")
    return redirect(url_for("account.organisations"), 303)


def organisation_page(
    organisation_id: UUID, *, form: OrganisationForm | None = None, invite: InviteForm | None = None
) -> str:
    """The page; `form` and `invite` as they were sent, where something is wrong with them. NotAMember."""
    session = database()
    mine = membership_with(
        session, organisation_id, visitor().person.id, Permission.ORGANISATION_PROFILE_READ
    )
    whole = mine.organisation
    known = {"name": whole.name, "country": whole.country}
    return render_template(
        "account/organisation.html",
        organisation=whole,
        mine=mine,
        manages=mine.role is MemberRole.OWNER,
        members=members_of(session, whole.id),
        invitations=open_invitations(session, whole.id, now()),
        form=form or OrganisationForm(formdata=None, data=known),
        invite=invite or InviteForm(formdata=None, data={"role": MemberRole.BUYER.value}),
        countries=countries(),
        roles=list(MemberRole),
        errors=(form or invite or InviteForm(formdata=None)).errors,
    )


def back_to(organisation: UUID) -> Response:
    """To its page."""
    return redirect(url_for("account.organisation", organisation=organisation), 303)


def last_owner(organisation: UUID) -> Response:
    """Back, and why nothing was changed."""
    flash(
        _(
            "Nothing was changed: the organisation would have no owner any more. Make somebody else an owner first."
        ),
        "wait",
    )
    return back_to(organisation)
