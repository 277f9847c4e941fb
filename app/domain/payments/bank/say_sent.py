"""The buyer says that the money is on its way. It proves nothing and holds nothing longer; it ends the reminders.

While it is said, paying in another way takes the buyer's consent: see `change_method`.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.orders.models import OrderState
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.queries import locked_order


class NothingToSend(Exception):
    """The order waits for no transfer (any more)."""


def say_sent(session: Session, order_id: UUID, sent_on: date | None, now: datetime) -> BankTransfer:
    """Keep what the buyer says; saying it again corrects the day. None: it was not sent after all. NothingToSend."""
    order = locked_order(session, order_id)
    transfer = transfer_of(session, order_id)
    if transfer is None or order.state != OrderState.AWAITING_PAYMENT:
        raise NothingToSend
    transfer.said_sent_on, transfer.said_sent_at = sent_on, now if sent_on is not None else None
    record(
        session,
        Event.TRANSFER_SAID_SENT,
        "order",
        order_id,
        now,
        order_id=order_id,
        actor="buyer",
        sent_on=sent_on.isoformat() if sent_on is not None else None,
    )
    return transfer
