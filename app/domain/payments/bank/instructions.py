"""How to pay an order by bank transfer: one object, from which page, mail and pro-forma invoice are made."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.domain.payments.bank.dates import GRACE_BANK_DAYS, add_bank_days
from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.bank.qr import PaymentCode, payment_codes
from app.domain.payments.bank.reference import grouped
from app.domain.payments.queries import net_paid
from app.money import Money


@dataclass(frozen=True)
class Instructions:
    """Everything that the buyer needs, from the frozen transfer and the ledger."""

    details: BankDetails
    amount: Money  # still to be sent
    received: Money
    reference: str
    due_on: date
    release_at: datetime
    held_until: date  # the last whole day of the hold, where the provider is
    said_sent_on: date | None
    codes: list[PaymentCode]

    @property
    def reference_grouped(self) -> str:
        """As it is printed, in groups of four."""
        return grouped(self.reference)


def instructions_of(session: Session, transfer: BankTransfer) -> Instructions:
    """The instructions as they stand now: what has come already is not asked for again."""
    details = BankDetails.from_json(transfer.details)
    total = transfer.order.total
    received = Money(max(net_paid(session, transfer.order), 0), total.currency)
    amount = Money(max(total.minor - received.minor, 0), total.currency)
    codes = payment_codes(details, amount, transfer.reference) if amount.minor else []
    return Instructions(
        details=details,
        amount=amount,
        received=received,
        reference=transfer.reference,
        due_on=transfer.due_on,
        release_at=transfer.release_at,
        held_until=add_bank_days(transfer.due_on, GRACE_BANK_DAYS, total.currency),
        said_sent_on=transfer.said_sent_on,
        codes=codes,
    )
