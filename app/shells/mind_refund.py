"""A date of a refund by hand has come."""

from uuid import UUID

from app.domain.payments.refunds.mind_refund import mind_refund as mind
from app.shells.works import Works


def mind_refund(works: Works, refund_id: UUID) -> None:
    """Remind, escalate, or take silence for a yes, if that is still due."""
    with works.sessions.begin() as session:
        mind(session, refund_id, works.now())
