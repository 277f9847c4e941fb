"""Somebody of the provider stops a change of bank details before it takes effect."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.payee_models import PayeeChange
from app.domain.payments.payees.change_states import step
from app.domain.payments.payees.locked import locked_change
from app.domain.payments.payees.tell_change import tell_change


def withdraw_change(session: Session, change_id: UUID, person_id: UUID, now: datetime) -> PayeeChange:
    """Anybody of the provider may. IllegalStep when it has taken effect or was withdrawn before."""
    change = locked_change(session, change_id)
    withdraw_open(session, change, person_id, now)
    return change


def withdraw_open(session: Session, change: PayeeChange, person_id: UUID | None, now: datetime) -> None:
    """The same for a change whose account is locked already. `person_id`: None where no person does it."""
    actor = "provider" if person_id is not None else "platform"
    step(session, change, "withdraw", now, actor=actor, person_id=person_id)
    change.decided_by, change.decided_at = person_id, now
    session.flush()
    tell_change(session, change, "withdrawn", person_id, now)
