"""People as administrators see them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.people.models import Person


def people_with_address(session: Session, email: str) -> list[Person]:
    """Everybody who signed in with exactly this e-mail address, in both realms; letter case does not count.

    Nothing but a whole address finds anybody: this is no list to browse.
    """
    return list(
        session.scalars(
            select(Person)
            .where(func.lower(Person.email) == email.strip().lower(), Person.erased_at.is_(None))
            .order_by(Person.realm, Person.created_at, Person.id)
            .limit(20)
        )
    )
