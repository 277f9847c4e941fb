"""Every night: what gateways told us word for word is not kept for longer than it can be needed."""

import structlog

from app.domain.payments.shred_notifications import shred_notifications
from app.shells.works import Works

log = structlog.get_logger(__name__)


def shred_old_notifications(works: Works) -> None:
    """One commit."""
    with works.sessions.begin() as session:
        shredded = shred_notifications(session, works.now())
    log.info("notifications shredded", count=shredded)
