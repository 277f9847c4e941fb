"""Freeze how an order is to be paid by bank transfer, and hold its units until the money can have come."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.orders.models import Order
from app.domain.payments.bank.dates import transfer_dates
from app.domain.payments.bank.models import BankAccount, BankTransfer
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.bank.reference import reference_of
from app.domain.payments.queries import usable_account

REMIND_DAYS_BEFORE = (3, 1)
_REMIND_AT = time(9)  # where the provider is: nobody knows where the buyer is


def open_transfer(session: Session, order: Order, now: datetime) -> BankTransfer | None:
    """The order's transfer, with `hold_until` of the order set to its release; the same one every time.

    None when the provider has no bank account that can take this order's currency now.
    """
    known = transfer_of(session, order.id)
    if known is not None:
        return known
    account = usable_account(session, order.provider_id, "bank", order.currency)
    if account is None:
        return None
    bank = session.get_one(BankAccount, account.id)
    dates = transfer_dates(now, bank.hold_days, bank.zone, order.currency)
    transfer = BankTransfer(
        order_id=order.id,
        account_id=account.id,
        reference=reference_of(order.number),
        details=bank.details,
        tolerance_minor=bank.tolerance_minor,
        due_on=dates.due_on,
        release_at=dates.release_at,
    )
    session.add(transfer)
    order.hold_until = dates.release_at
    for days in REMIND_DAYS_BEFORE:
        morning = datetime.combine(dates.due_on - timedelta(days=days), _REMIND_AT, ZoneInfo(bank.zone))
        if morning - now > timedelta(days=1):
            defer(session, "remind_of_transfer", at=morning.astimezone(UTC), order_id=order.id)
    return transfer
