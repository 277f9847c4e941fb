"""Every way in which an order can be paid now, whatever was chosen when it was placed."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.methods import METHODS
from app.domain.payments.queries import usable_account


def ways_to_pay(session: Session, order: Order, now: datetime) -> list[str]:
    """Codes of `methods.METHODS` for which the provider has an account that can take the order's currency."""
    return [code for code in METHODS if _possible(session, order, code, now)]


def _possible(session: Session, order: Order, code: str, now: datetime) -> bool:
    transfer = transfer_of(session, order.id) if code == "bank" else None
    if transfer is not None:
        return now < transfer.release_at  # its dates were frozen, and stay
    return usable_account(session, order.provider_id, code, order.currency) is not None
