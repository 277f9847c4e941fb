"""Take something off an activity's page, shown or not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.content.models import ActivityContent
from app.domain.content.states import step
from app.domain.people.locked import locked_provider


def remove_content(session: Session, content: ActivityContent, person_id: UUID, now: datetime) -> None:
    """Its provider does not want it any more. The caller has asked whose it is, and commits. IllegalStep."""
    locked_provider(session, content.provider_id)
    session.refresh(content, ["state"])
    step(session, content, "remove", now, actor="provider", person_id=person_id)
