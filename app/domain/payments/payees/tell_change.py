"""Tell everybody of a provider, at once, what becomes of its bank details."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.bank.details import BankDetails
from app.domain.payments.payee_models import PayeeChange
from app.domain.payments.payees.tell_people import tell_people
from app.domain.people.models import Person


def tell_change(
    session: Session, change: PayeeChange, what: str, person_id: UUID | None, now: datetime
) -> None:
    """`what`: asked | confirmed | applied | withdrawn. `person_id`: who did it; None for the platform."""
    details = BankDetails.from_json(change.details)
    person = session.get(Person, person_id) if person_id is not None else None
    tell_people(
        session,
        change.account,
        "payee_change",
        f"{change.id}:{what}",
        now,
        what=what,
        change_id=str(change.id),
        by=(person.name or person.email) if person is not None else "",
        tail=details.tail,
        bank=details.bank_name,
        effective_at=change.effective_at.isoformat() if change.effective_at is not None else "",
    )
