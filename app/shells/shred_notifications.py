"""Every night: what was said to and by neighbours is not kept for longer than it can be needed."""

import structlog

from app.domain.exchanges.shred_exchanges import shred_exchanges
from app.domain.payments.shred_notifications import shred_notifications
from app.shells.works import Works

log = structlog.get_logger(__name__)


def shred_old_notifications(works: Works) -> None:
    """One commit."""
    with works.sessions.begin() as session:
        shredded = shred_notifications(session, works.now())
        exchanges = shred_exchanges(session, works.now())
    log.info("notifications shredded", count=shredded, exchanges=exchanges)
