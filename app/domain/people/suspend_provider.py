"""Stop a provider's sales: what it offers is on sale no more, what is paid is finished."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.people.locked import locked_provider
from app.domain.people.models import Provider
from app.domain.people.reasons import given_reason
from app.domain.people.states import step


def suspend_provider(
    session: Session, provider_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Provider:
    """Suspend an active provider. Nobody can order its units any more; orders already placed go on.

    Raises ReasonMissing, and IllegalStep when it is suspended already.
    """
    said = given_reason(reason)
    provider = locked_provider(session, provider_id)
    step(session, provider, "suspend", now, actor="administrator", person_id=administrator_id, reason=said)
    return provider
