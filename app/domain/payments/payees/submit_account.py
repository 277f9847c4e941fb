"""A provider says that an account is complete: it is tried out, and everybody of the provider hears of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.payees.locked import locked_account
from app.domain.payments.payees.states import step
from app.domain.payments.payees.tell_people import tell_people


def submit_account(
    session: Session, account_id: UUID, person_id: UUID, now: datetime
) -> ProviderPayeeAccount:
    """From a draft to an account that is being verified. IllegalStep."""
    account = locked_account(session, account_id)
    step(session, account, "submit", now, actor="provider", person_id=person_id)
    if account.gateway != "bank":
        tell_people(session, account, "payee_account_changed", "added", now, what="added")
        defer(session, "probe_account", account_id=account.id)
    return account
