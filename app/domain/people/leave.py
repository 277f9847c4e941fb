"""A member goes; the last one to go closes the organisation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.account_models import Invitation, Membership, Organisation, SavedBeneficiary
from app.domain.people.locked import locked_organisation
from app.domain.people.membership import NotAMember, check_not_last_owner


def leave(session: Session, organisation_id: UUID, person_id: UUID, now: datetime) -> Organisation:
    """End the person's own membership. Raises NotAMember, LastOwner."""
    organisation = locked_organisation(session, organisation_id)
    member = session.get(Membership, (organisation_id, person_id), populate_existing=True)
    if organisation is None or member is None:
        raise NotAMember
    check_not_last_owner(session, organisation, member)
    session.delete(member)
    session.flush()
    anybody = select(Membership.person_id).where(Membership.organisation_id == organisation_id).limit(1)
    if session.scalar(anybody) is None:
        _close(session, organisation, now)
    record(
        session,
        Event.MEMBER_LEFT,
        "organisation",
        organisation.id,
        now,
        actor="buyer",
        person_id=person_id,
        closed=organisation.closed_at is not None,
    )
    return organisation


def _close(session: Session, organisation: Organisation, now: datetime) -> None:
    organisation.closed_at = now
    session.execute(delete(SavedBeneficiary).where(SavedBeneficiary.organisation_id == organisation.id))
    session.execute(
        update(Invitation)
        .where(Invitation.organisation_id == organisation.id, Invitation.accepted_at.is_(None))
        .values(withdrawn_at=now)
    )
