"""Ask for other bank details, or for a bank account that is new here: nothing changes until a second person confirms."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.payments.bank.details import BankDetails
from app.domain.payments.models import AccountState
from app.domain.payments.payee_models import ChangeState, PayeeChange
from app.domain.payments.payees.draft_account import check_free
from app.domain.payments.payees.locked import locked_with_provider
from app.domain.payments.payees.queries import open_change_of
from app.domain.payments.payees.tell_change import tell_change

_MAY_CHANGE = frozenset({AccountState.VERIFYING, AccountState.ACTIVE})


class ChangeRefused(Exception):
    """`code`: under_way (another change is), state (the account is not in use), currency (an account has one)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ask_change(
    session: Session, account_id: UUID, details: BankDetails, person_id: UUID, now: datetime
) -> PayeeChange:
    """Write down what is wanted and tell everybody of the provider. ChangeRefused, AccountTaken."""
    account = locked_with_provider(session, account_id)
    if account.state not in _MAY_CHANGE:
        raise ChangeRefused("state")
    if open_change_of(session, account_id) is not None:
        raise ChangeRefused("under_way")
    if account.state == AccountState.ACTIVE and details.currency not in account.currencies:
        raise ChangeRefused("currency")
    check_free(session, account.gateway, details.identifier, but=account.id)
    change = PayeeChange(
        id=uuid4(),
        account_id=account.id,
        account=account,
        details=details.as_json(),
        state=ChangeState.ASKED,
        asked_by=person_id,
        asked_at=now,
    )
    session.add(change)
    session.flush()
    record(
        session,
        Event.PAYEE_CHANGE_STEP,
        "payee_change",
        change.id,
        now,
        actor="provider",
        person_id=person_id,
        step="ask",
        account_id=str(account.id),
        tail=details.tail,
    )
    tell_change(session, change, "asked", person_id, now)
    return change
