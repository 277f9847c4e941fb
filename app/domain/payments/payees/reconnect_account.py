"""A provider takes up again an account at a gateway that was revoked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.payees.ask_change import ask_change
from app.domain.payments.payees.locked import locked_with_provider
from app.domain.payments.payees.states import step


def reconnect_account(
    session: Session, account_id: UUID, person_id: UUID, now: datetime
) -> ProviderPayeeAccount:
    """It is tried out as if it were new; a bank account is confirmed as if it were. IllegalStep."""
    account = locked_with_provider(session, account_id)
    step(session, account, "reconnect", now, actor="provider", person_id=person_id)
    if account.gateway == "bank":
        details = BankDetails.from_json(session.get_one(BankAccount, account.id).details)
        ask_change(session, account.id, details, person_id, now)
    else:
        account.probed_at = None
        defer(session, "probe_account", account_id=account.id)
    return account
