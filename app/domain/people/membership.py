"""What a person may do in an organisation: asked of their membership, and of nothing else."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.people.account_models import MemberRole, Membership, Organisation
from app.domain.people.locked import locked_organisation
from app.domain.people.permissions import HOLDERS, Permission, Role

_ROLES = {
    MemberRole.OWNER: Role.ORGANISATION_OWNER,
    MemberRole.BUYER: Role.ORGANISATION_BUYER,
    MemberRole.VIEWER: Role.ORGANISATION_VIEWER,
}


class NotAMember(Exception):
    """There is no such organisation, or no such member of it: nobody is told which."""


class NotAllowed(Exception):
    """A member, whose role does not hold the permission."""


class LastOwner(Exception):
    """Others would be left in an organisation that nobody could manage any more."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(str(organisation.id))
        self.organisation = organisation


def roles_with(permission: Permission) -> list[MemberRole]:
    """The roles in an organisation that hold a permission."""
    return [role for role in MemberRole if permission in HOLDERS[_ROLES[role]]]


def membership_with(
    session: Session, organisation_id: UUID, person_id: UUID, permission: Permission
) -> Membership:
    """The person's membership, if its role holds the permission. NotAMember, NotAllowed."""
    membership = session.get(Membership, (organisation_id, person_id), populate_existing=True)
    if membership is None:
        raise NotAMember
    if membership.role not in roles_with(permission):
        raise NotAllowed
    return membership


def managed_by(
    session: Session, organisation_id: UUID, person_id: UUID, permission: Permission
) -> Organisation:
    """The organisation, locked, once it is sure that this person may do this to it. NotAMember, NotAllowed."""
    organisation = locked_organisation(session, organisation_id)
    if organisation is None:
        raise NotAMember
    membership_with(session, organisation_id, person_id, permission)
    return organisation


def check_not_last_owner(session: Session, organisation: Organisation, member: Membership) -> None:
    """LastOwner if nobody else owns it while it has other members. The organisation is locked by the caller."""
    others = session.scalars(
        select(Membership.role)
        .where(Membership.organisation_id == organisation.id, Membership.person_id != member.person_id)
        .distinct()
    ).all()
    if member.role is MemberRole.OWNER and others and MemberRole.OWNER not in others:
        raise LastOwner(organisation)
