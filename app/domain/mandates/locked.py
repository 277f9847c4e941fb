"""An act as it is now, and nobody else's until the transaction ends."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.mandates.models import MandateAct


def locked_act(session: Session, key: UUID) -> MandateAct | None:
    """The act of this key, read again under its lock; None if there is none."""
    return session.scalars(
        select(MandateAct)
        .where(MandateAct.id == key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
