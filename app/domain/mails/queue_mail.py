"""Owe somebody a mail: a row and a job, in the transaction of what the mail tells about."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.mails.models import Mail, MailState
from app.domain.orders.models import Order


def queue_mail(
    session: Session,
    kind: str,
    *,
    once: str,
    to: str,
    language: str,
    now: datetime,
    order_id: UUID | None = None,
    context: dict[str, Any] | None = None,
) -> None:
    """Queue a mail of a `kind` (a template). A second mail with the same `once` is not queued."""
    added = session.execute(
        insert(Mail)
        .values(
            id=uuid4(),
            kind=kind,
            once=once,
            to=to,
            language=language,
            order_id=order_id,
            context=context or {},
            state=MailState.QUEUED,
            attempts=0,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Mail.once])
        .returning(Mail.id)
    ).scalar_one_or_none()
    if added is not None:
        defer(session, "send_mail", mail_id=added)


def queue_order_mail(session: Session, order: Order, kind: str, now: datetime, **context: Any) -> None:
    """A mail about an order, to its buyer in their language; each kind is sent once an order.

    A buyer who had everything about themselves erased has no address any more, and gets none.
    """
    if not order.email:
        return
    queue_mail(
        session,
        kind,
        once=f"{kind}:{order.id}",
        to=order.email,
        language=order.language,
        now=now,
        order_id=order.id,
        context=context,
    )
