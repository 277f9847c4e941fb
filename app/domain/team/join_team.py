"""Somebody signs in for a provider: they belong to its team."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.people.provider_queries import provider_of
from app.domain.team.models import TeamMember, TeamRole


def join_team(session: Session, person_id: UUID, accounts: Collection[str], now: datetime) -> None:
    """Put whoever represents these registry accounts on the list of the provider that they act for, once.

    As an owner, until an owner gives them a narrower role: at the registry they may do everything. The caller commits.
    """
    provider = provider_of(session, accounts)
    if provider is None:
        return
    session.execute(
        insert(TeamMember)
        .values(provider_id=provider.id, person_id=person_id, role=TeamRole.OWNER, since=now)
        .on_conflict_do_nothing()
    )
