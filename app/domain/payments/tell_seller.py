"""Mails to the provider about one of its orders."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.orders.models import Order


def tell_seller(session: Session, order: Order, kind: str, now: datetime, **context: Any) -> None:
    """Queue a mail about an order to its provider, in English; with the same `context` it is sent once."""
    about = ":".join(str(value) for value in context.values())
    queue_mail(
        session,
        kind,
        once=f"{kind}:{order.id}:{about}",
        to=order.provider.contact_email,
        language="en",
        now=now,
        order_id=order.id,
        context=context,
    )
