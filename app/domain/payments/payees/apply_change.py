"""Bank details that two persons wanted take effect. Orders that were placed before keep those they were given."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.models import AccountState
from app.domain.payments.payee_models import ChangeState, PayeeChange
from app.domain.payments.payees import states
from app.domain.payments.payees.change_states import step
from app.domain.payments.payees.draft_account import AccountTaken, check_free
from app.domain.payments.payees.locked import locked_change
from app.domain.payments.payees.tell_change import tell_change
from app.domain.payments.payees.withdraw_change import withdraw_open


def apply_change(session: Session, change_id: UUID, now: datetime) -> PayeeChange:
    """Apply a confirmed change whose time has come; nothing happens to any other. The caller commits."""
    change = locked_change(session, change_id)
    if change.state != ChangeState.CONFIRMED or change.effective_at is None or now < change.effective_at:
        return change
    account, details = change.account, BankDetails.from_json(change.details)
    try:
        check_free(session, account.gateway, details.identifier, but=account.id)
    except AccountTaken:
        withdraw_open(session, change, None, now)
        return change
    step(session, change, "apply", now)
    before = account.external_id
    account.external_id = details.identifier
    account.currencies = [details.currency]
    account.submitted_by, account.confirmed_by = change.asked_by, change.decided_by
    session.get_one(BankAccount, account.id).details = change.details
    record(
        session,
        Event.PAYEE_ACCOUNT_CHANGED,
        "payee_account",
        account.id,
        now,
        what="details",
        change_id=str(change.id),
        before=before[-4:],
        after=details.tail,
    )
    if account.state == AccountState.VERIFYING:
        states.step(session, account, "probe_ok", now)
    tell_change(session, change, "applied", None, now)
    return change
