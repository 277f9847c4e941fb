"""A member may do more, or less."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.account_models import MemberRole, Membership
from app.domain.people.membership import NotAMember, check_not_last_owner, managed_by
from app.domain.people.permissions import Permission


def change_role(
    session: Session, organisation_id: UUID, member_id: UUID, role: MemberRole, *, by: UUID, now: datetime
) -> Membership:
    """Give a member another role. Raises NotAMember, NotAllowed, LastOwner."""
    organisation = managed_by(session, organisation_id, by, Permission.ORGANISATION_MEMBERS_WRITE)
    member = session.get(Membership, (organisation_id, member_id), populate_existing=True)
    if member is None:
        raise NotAMember
    if role is member.role:
        return member
    check_not_last_owner(session, organisation, member)
    before, member.role = member.role, role
    record(
        session,
        Event.MEMBER_CHANGED,
        "organisation",
        organisation.id,
        now,
        actor="buyer",
        person_id=by,
        member=str(member_id),
        before=before.value,
        after=role.value,
    )
    return member
