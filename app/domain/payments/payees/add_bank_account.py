"""A provider types in a bank account that is new here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.payees.ask_change import ask_change
from app.domain.payments.payees.bank_choices import BankChoices
from app.domain.payments.payees.draft_account import Credentials, check_free, draft_account
from app.domain.payments.payees.seals import Seals
from app.domain.payments.payees.submit_account import submit_account


def add_bank_account(
    session: Session,
    provider_id: UUID,
    details: BankDetails,
    choices: BankChoices,
    person_id: UUID,
    seals: Seals,
    now: datetime,
) -> ProviderPayeeAccount:
    """It waits for a second person, as every change of bank details does. AccountTaken."""
    check_free(session, "bank", details.identifier)
    account = draft_account(
        session,
        provider_id,
        "bank",
        "own_account",
        # Its number becomes its name here once it is confirmed: nobody keeps others' from using theirs.
        Credentials(),
        [details.currency],
        person_id,
        seals,
        now,
    )
    bank = BankAccount(account_id=account.id, details=details.as_json())
    choices.put(bank)
    session.add(bank)
    session.flush()
    submit_account(session, account.id, person_id, now)
    ask_change(session, account.id, details, person_id, now)
    return account
