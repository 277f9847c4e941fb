"""A provider is on the way through a gateway's own sign-up: from here on it is tried out whether they are through."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payees.draft_account import check_free
from app.domain.payments.payees.locked import locked_account
from app.domain.payments.payees.submit_account import submit_account


def record_lead_in(
    session: Session, account_id: UUID, external_id: str | None, person_id: UUID, now: datetime
) -> ProviderPayeeAccount:
    """Keep the account's name at the gateway, where it has one yet. AccountTaken."""
    account = locked_account(session, account_id)
    if external_id and not account.external_id:
        check_free(session, account.gateway, external_id, but=account.id)
        account.external_id = external_id
    if account.state == AccountState.DRAFT:
        submit_account(session, account_id, person_id, now)
    return account
