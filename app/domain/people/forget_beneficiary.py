"""Take a saved name off the list. Certificates that were issued stay as they are."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.people.account_models import SavedBeneficiary
from app.domain.people.membership import NotAMember, membership_with
from app.domain.people.permissions import Permission


def forget_beneficiary(session: Session, person_id: UUID, beneficiary_id: UUID) -> None:
    """Forget it. NotAMember where it is not the person's nor their organisation's, or there is none; NotAllowed."""
    found = session.get(SavedBeneficiary, beneficiary_id)
    if found is None or found.person_id not in {None, person_id}:
        raise NotAMember
    if found.organisation_id is not None:
        membership_with(
            session, found.organisation_id, person_id, Permission.ORGANISATION_BENEFICIARIES_WRITE
        )
    session.delete(found)
