"""A provider takes one of its payee accounts off the platform."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payees.locked import locked_with_provider
from app.domain.payments.payees.queries import currencies_without, open_change_of
from app.domain.payments.payees.states import IN_USE, step
from app.domain.payments.payees.tell_buyers import tell_buyers
from app.domain.payments.payees.tell_people import tell_people
from app.domain.payments.payees.withdraw_change import withdraw_open


class LastBankAccount(Exception):
    """Without it, offers in these `currencies` could not be paid by bank transfer."""

    def __init__(self, currencies: list[str]) -> None:
        super().__init__(", ".join(currencies))
        self.currencies = currencies


def revoke_account(
    session: Session, account_id: UUID, person_id: UUID, now: datetime
) -> ProviderPayeeAccount:
    """No new payment goes there. What was begun is still asked about, and its buyers hear of other ways.

    LastBankAccount, IllegalStep.
    """
    account = locked_with_provider(session, account_id)
    was = account.state
    if account.gateway == "bank" and was == AccountState.ACTIVE:
        left = currencies_without(session, account)
        if left:
            raise LastBankAccount(left)
    step(session, account, "revoke", now, actor="provider", person_id=person_id)
    change = open_change_of(session, account.id)
    if change is not None:
        withdraw_open(session, change, person_id, now)
    if was in IN_USE:
        tell_people(session, account, "payee_account_changed", now.isoformat(), now, what="revoked")
        tell_buyers(session, account, now)
    return account
