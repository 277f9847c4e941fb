"""Inviting somebody, and taking an invitation back, by owners."""

from uuid import UUID

from flask import flash
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.account_models import MemberRole
from app.domain.people.hashes import new_token
from app.domain.people.invite_member import AlreadyMember, TooManyInvitations, invite_member
from app.domain.people.membership import membership_with
from app.domain.people.permissions import Permission
from app.domain.people.withdraw_invitation import withdraw_invitation
from app.extensions import database, limiter, now, works
from app.i18n import request_language
from app.sealing import Purpose, Sealer
from app.web.account.blueprint import blueprint
from app.web.account.forms import InviteForm
from app.web.account.organisation import back_to, organisation_page
from app.web.support.gate import needs, visitor


@blueprint.post("/organisations/<uuid:organisation>/invitations")
@needs(Permission.OWN_ORGANISATIONS_READ)
@limiter.limit("60 per hour")
def invite(organisation: UUID) -> Response | tuple[str, int]:
    """Mail a link to an address."""
    form, session, person_id = InviteForm(), database(), visitor().person.id
    membership_with(session, organisation, person_id, Permission.ORGANISATION_MEMBERS_WRITE)
    if not form.validate():
        return organisation_page(organisation, invite=form), 422
    token = new_token()
    sealed = Sealer(works().settings.secret_key, Purpose.INVITATIONS).seal(token).decode()
    try:
        invite_member(
            session,
            organisation,
            form.email.data,
            MemberRole(form.role.data),
            by=person_id,
            token=token,
            token_sealed=sealed,
            language=request_language(),
            now=now(),
        )
    except AlreadyMember:
        form.email.errors = [_("Somebody with this address is a member already.")]
        session.rollback()
        return organisation_page(organisation, invite=form), 422
    except TooManyInvitations:
        form.email.errors = [_("Too many invitations are waiting for an answer. Withdraw one first.")]
        session.rollback()
        return organisation_page(organisation, invite=form), 422
    session.commit()
    flash(_("An invitation is on its way to %(email)s.", email=form.email.data), "success")
    return back_to(organisation)


@blueprint.post("/organisations/<uuid:organisation>/invitations/<uuid:invitation>/withdraw")
@needs(Permission.OWN_ORGANISATIONS_READ)
def withdraw(organisation: UUID, invitation: UUID) -> Response:
    """Its link opens nothing any more."""
    withdraw_invitation(database(), organisation, invitation, by=visitor().person.id, now=now())
    database().commit()
    flash(_("The invitation is withdrawn."), "success")
    return back_to(organisation)
