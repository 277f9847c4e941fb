"""Put a provider's bank account on the platform from the operators' file."""

from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.payments.bank.dates import DEFAULT_DAYS
from app.domain.payments.bank.details import DetailsRefused, check_details
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payees.seals import Seals
from app.domain.people.models import Provider


def import_bank_account(
    session: Session, provider: Provider, entry: dict[str, Any], seals: Seals, now: datetime
) -> None:
    """One entry of `payee_accounts` with the gateway `bank`. ValueError with everything that is wrong with it."""
    try:
        details = check_details(entry["details"])
    except DetailsRefused as refused:
        raise ValueError(f"bank account: {refused}") from refused
    ZoneInfo(entry.get("zone", "UTC"))
    if _looked_after(session, provider):
        return
    account = session.execute(
        select(ProviderPayeeAccount).where(
            ProviderPayeeAccount.gateway == "bank", ProviderPayeeAccount.external_id == details.identifier
        )
    ).scalar_one_or_none()
    if account is None:
        account_id = uuid4()
        account = ProviderPayeeAccount(
            id=account_id,
            provider_id=provider.id,
            gateway="bank",
            mode="own_account",
            external_id=details.identifier,
            client_id="",
            secret_sealed=seals.of(account_id).seal(
                ""
            ),  # a bank account has none; the column wants something to open
            state=AccountState.ACTIVE,
            created_at=now,
            tested_at=now,
        )
        session.add(account)
    elif account.provider_id != provider.id:
        raise ValueError(f"bank account {details.identifier} belongs to another provider")
    account.currencies = [details.currency]
    session.flush()
    session.merge(
        BankAccount(
            account_id=account.id,
            details=details.as_json(),
            zone=entry.get("zone", "UTC"),
            hold_days=entry.get("hold_days", DEFAULT_DAYS),
            tolerance_minor=entry.get("tolerance_minor", 0),
            two_persons_from_minor=entry.get("two_persons_from_minor"),
        )
    )
    session.flush()


def _looked_after(session: Session, provider: Provider) -> bool:
    """Has the provider confirmed a bank account in the console? From then on the file says nothing about its bank."""
    confirmed = select(ProviderPayeeAccount.id).where(
        ProviderPayeeAccount.provider_id == provider.id,
        ProviderPayeeAccount.gateway == "bank",
        ProviderPayeeAccount.confirmed_by.is_not(None),
    )
    return session.execute(confirmed.limit(1)).first() is not None
