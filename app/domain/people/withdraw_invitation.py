"""An owner has thought better of an invitation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.account_models import Invitation
from app.domain.people.membership import NotAMember, managed_by
from app.domain.people.permissions import Permission


def withdraw_invitation(
    session: Session, organisation_id: UUID, invitation_id: UUID, *, by: UUID, now: datetime
) -> Invitation:
    """Its link opens nothing any more; one that was answered stays as it is. NotAMember, NotAllowed."""
    managed_by(session, organisation_id, by, Permission.ORGANISATION_MEMBERS_WRITE)
    invitation = session.get(Invitation, invitation_id, populate_existing=True)
    if invitation is None or invitation.organisation_id != organisation_id:
        raise NotAMember
    if invitation.accepted_at is None and invitation.withdrawn_at is None:
        invitation.withdrawn_at = now
        record(
            session,
            Event.INVITATION_WITHDRAWN,
            "organisation",
            organisation_id,
            now,
            actor="buyer",
            person_id=by,
            invitation=str(invitation.id),
        )
    return invitation
