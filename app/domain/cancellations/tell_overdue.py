"""The registry does not confirm: buyers whose money has come are told that nothing is lost."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.domain.cancellations.queries import orders_waiting_for_registry
from app.domain.mails.models import Mail
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.models import Order

_KIND = "cancellation_waits"


def tell_overdue(session: Session, now: datetime) -> int:
    """Owe each buyer whose units the registry has not cancelled for an hour one mail; how many now. The caller commits."""
    waiting = orders_waiting_for_registry(now).subquery()
    told = exists().where(Mail.order_id == Order.id, Mail.kind == _KIND)
    untold = session.scalars(
        select(Order).join(waiting, waiting.c.id == Order.id).where(Order.email != "", ~told)
    ).all()
    for order in untold:
        queue_order_mail(session, order, _KIND, now)
    return len(untold)
