"""The second person confirms other bank details; they take effect some days later, the very first ones at once."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.payments.models import AccountState
from app.domain.payments.payee_models import PayeeChange
from app.domain.payments.payees.apply_change import apply_change
from app.domain.payments.payees.change_states import step
from app.domain.payments.payees.locked import locked_change
from app.domain.payments.payees.queries import has_taken_money, is_alone
from app.domain.payments.payees.tell_change import tell_change

# Long enough for somebody to read the mail after a weekend, and to stop it.
WAIT = timedelta(hours=72)


class SamePerson(Exception):
    """Whoever asked for the change cannot confirm it."""


class SomebodyElseThere(Exception):
    """An administrator confirms only where the provider has nobody else who could."""


def confirm_change(
    session: Session,
    change_id: UUID,
    person_id: UUID,
    now: datetime,
    *,
    administrator: bool = False,
    reason: str = "",
) -> PayeeChange:
    """SamePerson, SomebodyElseThere, IllegalStep. The caller has seen to it that the person may act for the provider."""
    change = locked_change(session, change_id)
    account = change.account
    if person_id == change.asked_by:
        raise SamePerson
    if administrator and not is_alone(session, account.provider_id, change.asked_by):
        raise SomebodyElseThere
    change.decided_by, change.decided_at = person_id, now
    first = account.state == AccountState.VERIFYING and not (
        account.confirmed_by or has_taken_money(session, account.provider_id, but=account.id)
    )
    change.effective_at = now if first else now + WAIT
    actor = "administrator" if administrator else "provider"
    why = {"reason": reason} if reason else {}
    step(session, change, "confirm", now, actor=actor, person_id=person_id, **why)
    session.flush()
    if first:
        apply_change(session, change_id, now)
        return change
    tell_change(session, change, "confirmed", person_id, now)
    defer(session, "apply_payee_change", at=change.effective_at, change_id=change.id)
    return change
