"""Who buys: somebody who is signed in, for themselves or for an organisation. A guest is nobody (None)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.people.membership import NotAllowed, NotAMember, membership_with
from app.domain.people.models import Person
from app.domain.people.permissions import Permission


class NotForOrganisation(Exception):
    """The person may not, or not any more, buy for the organisation."""


@dataclass(frozen=True)
class Buyer:
    """A person, and the organisation for which they buy if not for themselves."""

    person_id: UUID
    organisation_id: UUID | None = None


def check_buyer(session: Session, buyer: Buyer) -> None:
    """Is the person still there, and may they buy for the organisation? NotForOrganisation.

    Until the transaction ends the person cannot be erased: no order is left with an address that should be gone.
    """
    erased_at = session.execute(
        select(Person.erased_at)
        .where(Person.id == buyer.person_id)
        .with_for_update(read=True, key_share=True)
    ).scalar_one()
    if erased_at is not None:
        raise NotForOrganisation
    if buyer.organisation_id is not None:
        try:
            membership_with(
                session, buyer.organisation_id, buyer.person_id, Permission.ORGANISATION_ORDERS_PLACE
            )
        except (NotAMember, NotAllowed) as error:
            raise NotForOrganisation from error
