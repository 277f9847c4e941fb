"""Let a suspended provider sell again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.people.locked import locked_provider
from app.domain.people.models import Provider
from app.domain.people.reasons import given_reason
from app.domain.people.states import step


def reinstate_provider(
    session: Session, provider_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Provider:
    """Reinstate a suspended provider: its published offers are on sale again as they were.

    Raises ReasonMissing, and IllegalStep when it is not suspended.
    """
    said = given_reason(reason)
    provider = locked_provider(session, provider_id)
    step(session, provider, "reinstate", now, actor="administrator", person_id=administrator_id, reason=said)
    return provider
