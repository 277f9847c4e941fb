"""Keep a name for certificates, to choose it again."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.people.account_models import SavedBeneficiary
from app.domain.people.membership import membership_with
from app.domain.people.models import PersonKind
from app.domain.people.permissions import Permission

MOST = 200  # of one person or organisation: a list to choose from


class TooManyBeneficiaries(Exception):
    """The list is full."""


def save_beneficiary(
    session: Session,
    person_id: UUID,
    *,
    kind: PersonKind,
    name: str,
    country: str,
    organisation_id: UUID | None,
    now: datetime,
) -> None:
    """Save it for the person, or for an organisation of theirs; the very same one again changes nothing.

    Raises NotAMember, NotAllowed, TooManyBeneficiaries.
    """
    if organisation_id is not None:
        membership_with(session, organisation_id, person_id, Permission.ORGANISATION_BENEFICIARIES_WRITE)
    of_person = None if organisation_id else person_id
    count = select(func.count(SavedBeneficiary.id)).where(
        SavedBeneficiary.person_id.is_not_distinct_from(of_person),
        SavedBeneficiary.organisation_id.is_not_distinct_from(organisation_id),
    )
    if (session.scalar(count) or 0) >= MOST:
        raise TooManyBeneficiaries
    session.execute(
        insert(SavedBeneficiary)
        .values(
            id=uuid4(),
            person_id=of_person,
            organisation_id=organisation_id,
            kind=kind,
            name=name,
            country=country,
            saved_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_saved_beneficiary_same")
    )
