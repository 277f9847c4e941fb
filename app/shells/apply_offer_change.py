"""What was scheduled for an offer happens when its time has come."""

from uuid import UUID

from app.domain.offers.apply_offer_change import apply_offer_change as apply_change
from app.shells.works import Works


def apply_offer_change(works: Works, change_id: UUID) -> None:
    """Safe to repeat at any time."""
    with works.sessions.begin() as session:
        apply_change(session, change_id, works.now())
