"""What a provider chooses for a bank account beside its details."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.payments.bank.dates import DEFAULT_DAYS
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.payees.locked import locked_account
from app.domain.payments.payees.tell_people import tell_people


@dataclass(frozen=True)
class BankChoices:
    """Amounts in minor units of the account's currency."""

    zone: str = "UTC"  # IANA
    hold_days: int = DEFAULT_DAYS
    tolerance_minor: int = 0
    two_persons_from_minor: int | None = None

    @classmethod
    def of(cls, bank: BankAccount) -> "BankChoices":
        """As they are."""
        return cls(bank.zone, bank.hold_days, bank.tolerance_minor, bank.two_persons_from_minor)

    def put(self, bank: BankAccount) -> None:
        """As they shall be."""
        bank.zone, bank.hold_days = self.zone, self.hold_days
        bank.tolerance_minor = self.tolerance_minor
        bank.two_persons_from_minor = self.two_persons_from_minor


def change_bank_choices(
    session: Session, account_id: UUID, choices: BankChoices, person_id: UUID, now: datetime
) -> None:
    """In force at once, for orders that are placed from now on. Everybody of the provider is told."""
    account = locked_account(session, account_id)
    bank = session.get_one(BankAccount, account_id)
    before = BankChoices.of(bank)
    if before == choices:
        return
    choices.put(bank)
    record(
        session,
        Event.PAYEE_ACCOUNT_CHANGED,
        "payee_account",
        account.id,
        now,
        actor="provider",
        person_id=person_id,
        what="choices",
        before=asdict(before),
        after=asdict(choices),
    )
    tell_people(session, account, "payee_account_changed", now.isoformat(), now, what="choices")
