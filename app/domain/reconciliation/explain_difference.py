"""An administrator knows why something differs, and that it may stay so."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.people.reasons import given_reason
from app.domain.reconciliation.models import Difference
from app.domain.reconciliation.states import step


def explain_difference(
    session: Session, difference_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Difference:
    """Keep the explanation: the difference counts no more, until one of the sides changes. The caller commits.

    Raises ReasonMissing, and IllegalStep when it was explained or is gone.
    """
    said = given_reason(reason)
    difference = session.execute(
        select(Difference)
        .where(Difference.id == difference_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    step(session, difference, "explain", now, actor="administrator", person_id=administrator_id, reason=said)
    difference.explained_by, difference.explained_at = administrator_id, now
    difference.explanation = said
    return difference
