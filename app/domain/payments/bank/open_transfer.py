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
from app.domain.payments.models import ProviderPayeeAccount
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
    transfer = freeze_transfer(session, order, account, now)
    zone = ZoneInfo(session.get_one(BankAccount, account.id).zone)
    for days in REMIND_DAYS_BEFORE:
        morning = datetime.combine(transfer.due_on - timedelta(days=days), _REMIND_AT, zone)
        if morning - now > timedelta(days=1):
            defer(session, "remind_of_transfer", at=morning.astimezone(UTC), order_id=order.id)
    return transfer


def freeze_transfer(
    session: Session,
    order: Order,
    account: ProviderPayeeAccount,
    now: datetime,
    *,
    tolerance_minor: int | None = None,
) -> BankTransfer:
    """The transfer of an order that has none, to this bank account; `hold_until` of the order becomes its release.

    `tolerance_minor`: how much less counts as paid, where it is not what the provider has chosen.
    """
    bank = session.get_one(BankAccount, account.id)
    dates = transfer_dates(now, bank.hold_days, bank.zone, order.currency)
    transfer = BankTransfer(
        order_id=order.id,
        account_id=account.id,
        reference=reference_of(order.number),
        details=bank.details,
        tolerance_minor=bank.tolerance_minor if tolerance_minor is None else tolerance_minor,
        due_on=dates.due_on,
        release_at=dates.release_at,
    )
    session.add(transfer)
    order.hold_until = dates.release_at
    return transfer
