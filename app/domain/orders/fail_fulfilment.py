"""The registry has refused every line of a paid order: other units, if there are any, or the money."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.mails.queue_mail import queue_mail
from app.domain.orders.give_back import give_back
from app.domain.orders.models import Order
from app.domain.orders.states import step
from app.domain.orders.substitutes import substitutes_for
from app.domain.settings.queries import span


def fail_fulfilment(session: Session, order: Order, reason: str | None, now: datetime) -> None:
    """Ask the buyer to choose where the provider has other units to choose from; otherwise give the money back.

    The caller holds the order's lock, and has freed its units.
    """
    if not substitutes_for(session, order, now):
        give_back(session, order, reason, now)
        return
    step(session, order, "fail_fulfilment", now, reason=reason)
    order.answer_by = now + span(session, "choice_days")
    defer(session, "end_choice", at=order.answer_by, order_id=order.id)
    if order.email:
        queue_mail(
            session,
            "fulfilment_failed",
            # What is chosen instead can be refused, too: the buyer is told each time.
            once=f"fulfilment_failed:{order.id}:{order.answer_by.isoformat()}",
            to=order.email,
            language=order.language,
            now=now,
            order_id=order.id,
        )
