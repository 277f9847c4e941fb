"""Names for references."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalogue.models import Activity


def titles_of(session: Session, references: Collection[str]) -> dict[str, str]:
    """The titles of those activities that we have read."""
    rows = session.execute(
        select(Activity.activity_ref, Activity.title).where(Activity.activity_ref.in_(references))
    )
    return {row.activity_ref: row.title for row in rows}
