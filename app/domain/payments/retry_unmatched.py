"""Notifications that mentioned nothing of ours when they came: our row may have been committed a moment later."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.payments.models import Notification
from app.domain.payments.queries import payments_by_mention

# Whoever waits longer is no payment of ours, or one for a person to find.
RETRY_FOR = timedelta(hours=24)
# The newest: a gateway is quicker than our own commit by seconds, not hours.
_AT_ONCE = 500


def retry_unmatched(session: Session, now: datetime) -> list[UUID]:
    """Look up once more what unmatched notifications mention; the payments of ours that they are about after all.

    Those are looked at. What is still unknown after a day is given up, and stands in the list for people
    (`queries.given_up_notifications`). The caller commits.
    """
    session.execute(
        update(Notification)
        .where(Notification.outcome == "unmatched", Notification.received_at < now - RETRY_FOR)
        .values(outcome="given_up")
    )
    waiting = session.scalars(
        select(Notification)
        .where(Notification.outcome == "unmatched")
        .order_by(Notification.received_at.desc())
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found: dict[UUID, None] = {}
    for row in waiting.all():
        if row.account_id is None:
            continue  # of the registry: those are never unmatched
        payments = payments_by_mention(session, row.account_id, row.subjects, row.subjects)
        if payments:
            row.outcome = "looked"
            found.update(dict.fromkeys(payment.id for payment in payments))
    for payment_id in found:
        defer(session, "look_at_payment", payment_id=payment_id)
    return list(found)
