"""An owner sends a member away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.account_models import Membership
from app.domain.people.membership import NotAMember, check_not_last_owner, managed_by
from app.domain.people.permissions import Permission


class NotOneself(Exception):
    """Who goes by themselves leaves; that may close the organisation, and is asked differently."""


def remove_member(
    session: Session, organisation_id: UUID, member_id: UUID, *, by: UUID, now: datetime
) -> None:
    """End somebody else's membership. Raises NotAMember, NotAllowed, NotOneself, LastOwner."""
    organisation = managed_by(session, organisation_id, by, Permission.ORGANISATION_MEMBERS_WRITE)
    if member_id == by:
        raise NotOneself
    member = session.get(Membership, (organisation_id, member_id), populate_existing=True)
    if member is None:
        raise NotAMember
    check_not_last_owner(session, organisation, member)
    session.delete(member)
    record(
        session,
        Event.MEMBER_REMOVED,
        "organisation",
        organisation.id,
        now,
        actor="buyer",
        person_id=by,
        member=str(member_id),
    )
