"""Reading what belongs to bank transfers."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.payments.bank.models import BankTransfer


def transfer_of(session: Session, order_id: UUID) -> BankTransfer | None:
    """How the order is paid by bank transfer, if it ever was meant to be."""
    return session.get(BankTransfer, order_id)


def tolerated_shortfall(session: Session, order_id: UUID) -> int:
    """How much less than the total counts as paid, in minor units: what banks on the way may keep."""
    found = session.execute(
        select(BankTransfer.tolerance_minor).where(BankTransfer.order_id == order_id)
    ).scalar_one_or_none()
    return found or 0
