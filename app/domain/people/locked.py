"""Rows as they are now, and nobody else's until the transaction ends."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.people.account_models import Organisation
from app.domain.people.models import Person, Provider


def locked_provider(session: Session, provider_id: UUID) -> Provider:
    """The provider, read again under its lock."""
    return session.execute(
        select(Provider)
        .where(Provider.id == provider_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def locked_person(session: Session, person_id: UUID) -> Person:
    """The person, read again under their lock."""
    return session.execute(
        select(Person)
        .where(Person.id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def locked_organisation(session: Session, organisation_id: UUID) -> Organisation | None:
    """The organisation, read again under its lock: whoever changes who belongs to it queues up here."""
    return session.execute(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
