"""An organisation has another name, or another seat."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.account_models import Organisation
from app.domain.people.membership import managed_by
from app.domain.people.permissions import Permission


def change_organisation(
    session: Session, organisation_id: UUID, *, name: str, country: str, by: UUID, now: datetime
) -> Organisation:
    """Change what it is called from now on; orders keep what they were placed with. NotAMember, NotAllowed."""
    organisation = managed_by(session, organisation_id, by, Permission.ORGANISATION_PROFILE_WRITE)
    organisation.name = name
    organisation.country = country
    record(
        session, Event.ORGANISATION_CHANGED, "organisation", organisation.id, now, actor="buyer", person_id=by
    )
    return organisation
