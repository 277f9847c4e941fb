"""Other bank details take effect when their time has come."""

from uuid import UUID

from app.domain.payments.payees.apply_change import apply_change
from app.shells.works import Works


def apply_payee_change(works: Works, change_id: UUID) -> None:
    """Safe to repeat at any time."""
    with works.sessions.begin() as session:
        apply_change(session, change_id, works.now())
