"""Reading mails."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.mails.models import Mail, MailState

_FORGOTTEN_AFTER = timedelta(minutes=30)
_GIVEN_UP_AFTER = timedelta(days=3)


def forgotten_mails(session: Session, now: datetime) -> list[UUID]:
    """Queued mails that should have gone out long ago."""
    return list(
        session.execute(
            select(Mail.id).where(
                Mail.state == MailState.QUEUED,
                Mail.created_at < now - _FORGOTTEN_AFTER,
                Mail.created_at > now - _GIVEN_UP_AFTER,
            )
        ).scalars()
    )


def mails_since(session: Session, kind: str, to: str, since: datetime) -> int:
    """How many mails of a kind an address was sent since a moment; letter case does not count."""
    return session.execute(
        select(func.count())
        .select_from(Mail)
        .where(Mail.kind == kind, func.lower(Mail.to) == to.lower(), Mail.created_at >= since)
    ).scalar_one()


def mails_of_order(session: Session, order_id: UUID) -> Sequence[Mail]:
    """Every mail about an order, oldest first."""
    return session.scalars(
        select(Mail).where(Mail.order_id == order_id).order_by(Mail.created_at, Mail.id)
    ).all()
