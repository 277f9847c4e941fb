"""Remind a buyer of a transfer that has neither come nor been announced."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.orders.models import OrderState
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.queries import locked_order, net_paid


def remind_of_transfer(session: Session, order_id: UUID, now: datetime) -> bool:
    """Queue the reminder of this day, once; False when there is nothing to remind of."""
    order = locked_order(session, order_id)
    transfer = transfer_of(session, order_id)
    if transfer is None or order.state != OrderState.AWAITING_PAYMENT or order.method != "bank":
        return False
    if not order.email:
        return False
    if transfer.said_sent_at is not None or net_paid(session, order) > 0:
        return False
    zone = session.get_one(BankAccount, transfer.account_id).zone
    days = (transfer.due_on - now.astimezone(ZoneInfo(zone)).date()).days
    if days < 0:
        return False
    queue_mail(
        session,
        "transfer_reminder",
        once=f"transfer_reminder:{order.id}:{now.date()}",
        to=order.email,
        language=order.language,
        now=now,
        order_id=order.id,
        context={"days": days},
    )
    return True
