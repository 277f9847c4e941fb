"""Whom the buyer pays, as pages say it: frozen in each attempt, whatever becomes of the account."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankAccount, BankTransfer
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.people.models import Provider

_TAIL = 4


@dataclass(frozen=True)
class PayeeShown:
    """Never more of an account's number than its tail, nothing secret."""

    legal_name: str
    country: str  # of the provider, ISO 3166-1 alpha-2
    method: str
    account_tail: str = ""  # the last four characters; "" where no account is known
    statement_text: str = ""  # what the buyer finds on their own statement; "" where the gateway has not told

    def as_json(self) -> dict[str, Any]:
        """For the frozen copy."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "PayeeShown":
        """What `as_json` gave."""
        return cls(**kept)


def payee_shown(
    session: Session, account: ProviderPayeeAccount, transfer: BankTransfer | None = None
) -> PayeeShown:
    """The account as it is now; of a transfer the details that were frozen in it."""
    provider = account.provider or session.get_one(Provider, account.provider_id)
    if account.gateway != "bank":
        return PayeeShown(
            provider.legal_name,
            provider.country,
            account.gateway,
            account.external_id[-_TAIL:],
            account.statement_text or "",
        )
    kept = transfer.details if transfer is not None else session.get_one(BankAccount, account.id).details
    details = BankDetails.from_json(kept)
    return PayeeShown(provider.legal_name, provider.country, "bank", details.tail, details.holder)
