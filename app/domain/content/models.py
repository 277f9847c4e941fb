"""What providers say and show about an activity, beside what the registry says."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.people.models import Provider


class ContentKind(StrEnum):
    SUMMARY = "summary"
    PICTURE = "picture"
    DOCUMENT = "document"


class ContentState(StrEnum):
    WAITING = "waiting"  # an administrator has not looked at it yet
    SHOWN = "shown"
    REFUSED = "refused"
    REMOVED = "removed"  # by its provider, or replaced


class ActivityContent(Base):
    """One summary in one language, one picture, or one document of an activity, by one of its providers."""

    __tablename__ = "activity_content"

    id: Mapped[UUID] = new_id()
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), index=True)
    activity_ref: Mapped[str] = mapped_column(ForeignKey("activity.activity_ref"))
    kind: Mapped[ContentKind] = state_column(ContentKind)
    language: Mapped[str]  # of the text; of a document its own, too
    text: Mapped[str]  # the summary, the picture's description, the document's title
    content_type: Mapped[str | None]
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    small: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))  # a picture as pages show it
    sha256: Mapped[str | None] = mapped_column(index=True)  # of the content: its address
    width: Mapped[int | None]  # pixels of the content
    height: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    state: Mapped[ContentState] = state_column(ContentState, default=ContentState.WAITING)
    reason: Mapped[str | None]  # why it was refused
    added_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]

    provider: Mapped[Provider] = relationship()

    __table_args__ = (
        CheckConstraint("(kind = 'summary') = (content IS NULL)", name="file"),
        CheckConstraint("(kind = 'picture') = (small IS NOT NULL)", name="small"),
        Index("ix_activity_content_shown", "activity_ref", "state", "kind", "position"),
        Index("ix_activity_content_waiting", "added_at", "id", postgresql_where=sql("state = 'waiting'")),
    )
