"""Roles of members, and sending them away, by owners."""

from uuid import UUID

from flask import abort, flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.account_models import MemberRole
from app.domain.people.change_role import change_role
from app.domain.people.membership import LastOwner, membership_with
from app.domain.people.permissions import Permission
from app.domain.people.remove_member import NotOneself, remove_member
from app.extensions import database, now
from app.web.account.blueprint import blueprint
from app.web.account.organisation import back_to, last_owner
from app.web.support.gate import needs, visitor


@blueprint.post("/organisations/<uuid:organisation>/members/<uuid:member>")
@needs(Permission.OWN_ORGANISATIONS_READ)
def change_member(organisation: UUID, member: UUID) -> Response:
    """`role`: what they can do from now on."""
    membership_with(database(), organisation, visitor().person.id, Permission.ORGANISATION_MEMBERS_WRITE)
    try:
        role = MemberRole(request.form.get("role", ""))
    except ValueError:
        abort(400)
    try:
        change_role(database(), organisation, member, role, by=visitor().person.id, now=now())
    except LastOwner:
        database().rollback()
        return last_owner(organisation)
    database().commit()
    flash(_("The role is changed."), "success")
    return back_to(organisation)


@blueprint.post("/organisations/<uuid:organisation>/members/<uuid:member>/remove")
@needs(Permission.OWN_ORGANISATIONS_READ)
def remove(organisation: UUID, member: UUID) -> Response:
    """They belong to it no more."""
    try:
        remove_member(database(), organisation, member, by=visitor().person.id, now=now())
    except NotOneself:
        database().rollback()
        abort(400)  # the page has no such button
    database().commit()
    flash(_("The member is removed. Orders that they placed stay the organisation’s."), "success")
    return back_to(organisation)
