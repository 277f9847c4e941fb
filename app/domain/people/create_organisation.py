"""Somebody begins to buy for an organisation."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.account_models import MemberRole, Membership, Organisation
from app.domain.people.locked import locked_person

MOST = 20  # organisations a person can be in by creating them


class TooManyOrganisations(Exception):
    """Nobody buys for that many; somebody fills the table."""


def create_organisation(
    session: Session, person_id: UUID, name: str, country: str, now: datetime
) -> Organisation:
    """A new organisation whose first owner is this person. TooManyOrganisations."""
    locked_person(session, person_id)
    owned = session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(Membership.person_id == person_id, Membership.role == MemberRole.OWNER)
    )
    if (owned or 0) >= MOST:
        raise TooManyOrganisations
    organisation = Organisation(id=uuid4(), name=name, country=country, created_at=now)
    session.add(organisation)
    session.flush()
    session.add(
        Membership(organisation_id=organisation.id, person_id=person_id, role=MemberRole.OWNER, since=now)
    )
    record(
        session,
        Event.ORGANISATION_CREATED,
        "organisation",
        organisation.id,
        now,
        actor="buyer",
        person_id=person_id,
    )
    return organisation
