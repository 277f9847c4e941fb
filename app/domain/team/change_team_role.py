"""An owner decides what somebody in the team may do."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.locked import locked_provider
from app.domain.team.models import TeamMember, TeamRole


class LastOwner(Exception):
    """Nobody else could give the role back."""


class NotInTeam(Exception):
    """There is no such person in the provider's team."""


def change_team_role(
    session: Session, provider_id: UUID, person_id: UUID, role: TeamRole, *, by: UUID, now: datetime
) -> TeamMember:
    """Give a member another role. The caller commits. Raises NotInTeam, LastOwner."""
    locked_provider(session, provider_id)  # so that two owners do not make each other the last but one
    member = session.get(TeamMember, (provider_id, person_id), populate_existing=True)
    if member is None:
        raise NotInTeam
    if role is member.role:
        return member
    if member.role is TeamRole.OWNER:
        others = session.scalars(
            select(TeamMember.person_id).where(
                TeamMember.provider_id == provider_id,
                TeamMember.role == TeamRole.OWNER,
                TeamMember.person_id != person_id,
            )
        ).first()
        if others is None:
            raise LastOwner
    before, member.role, member.changed_by = member.role, role, by
    record(
        session,
        Event.TEAM_CHANGED,
        "provider",
        provider_id,
        now,
        actor="provider",
        person_id=by,
        member=str(person_id),
        before=before.value,
        after=role.value,
    )
    return member
