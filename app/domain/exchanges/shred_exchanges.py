"""What went over the wire is kept for as long as what gateways told us."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.domain.exchanges.models import Exchange
from app.domain.payments.shred_notifications import KEEP_RAW


def shred_exchanges(session: Session, now: datetime) -> int:
    """Delete those that are older than thirteen months; how many. The caller commits."""
    done = session.scalars(delete(Exchange).where(Exchange.at < now - KEEP_RAW).returning(Exchange.id))
    return len(done.all())
