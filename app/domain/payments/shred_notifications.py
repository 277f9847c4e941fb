"""What gateways told us word for word is kept for a year and a month, then shredded; that they told it stays."""

from datetime import datetime, timedelta

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from app.domain.payments.models import Notification

# Thirteen months: as long as a payment can be argued about anywhere. Longer months than the calendar's own.
KEEP_RAW = timedelta(days=13 * 31)


def shred_notifications(session: Session, now: datetime) -> int:
    """Empty the raw messages that are older than thirteen months; how many. The caller commits."""
    done = session.scalars(
        update(Notification)
        .where(Notification.received_at < now - KEEP_RAW, func.length(Notification.raw) > 0)
        .values(raw=b"")
        .returning(Notification.id)
    )
    return len(done.all())
