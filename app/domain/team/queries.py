"""Reading a provider's team."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.domain.people.models import Person, Provider, RegistryAccount
from app.domain.team.models import NoticeOff, TeamMember, TeamRole


def role_in_team(session: Session, person_id: UUID, accounts: Collection[str]) -> TeamRole:
    """The role of somebody who represents these registry accounts, at the provider for which they act.

    Whom nobody has given a narrower one is an owner: the registry lets them dispose of all the units.
    """
    if not accounts:
        return TeamRole.OWNER
    acting_for = (
        select(Provider.id)
        .join(RegistryAccount, RegistryAccount.provider_id == Provider.id)
        .where(RegistryAccount.account_id.in_(accounts))
        .order_by(Provider.slug)
        .limit(1)
        .scalar_subquery()
    )
    found = session.scalars(
        select(TeamMember.role).where(TeamMember.provider_id == acting_for, TeamMember.person_id == person_id)
    ).one_or_none()
    return found or TeamRole.OWNER


def team_of(session: Session, provider_id: UUID) -> Sequence[TeamMember]:
    """Everybody who has signed in for the provider and is still there, by name."""
    return session.scalars(
        select(TeamMember)
        .join(TeamMember.person)
        .where(
            TeamMember.provider_id == provider_id, Person.erased_at.is_(None), Person.disabled_at.is_(None)
        )
        .options(joinedload(TeamMember.person))
        .order_by(func.lower(Person.name), Person.id)
    ).all()


def who_switched_off(session: Session, kind: str) -> frozenset[UUID]:
    """The persons who do not want this kind of notices."""
    return frozenset(session.scalars(select(NoticeOff.person_id).where(NoticeOff.kind == kind)))


def notices_off(session: Session, person_id: UUID) -> frozenset[str]:
    """The kinds of notices that the person has switched off."""
    return frozenset(session.scalars(select(NoticeOff.kind).where(NoticeOff.person_id == person_id)))
