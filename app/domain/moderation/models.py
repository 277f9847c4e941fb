"""Texts that the public would read, and that a rule or a person has stopped."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base, new_id, state_column


class TextKind(StrEnum):
    BENEFICIARY_NAME = "beneficiary_name"  # of an order
    REASON = "reason"  # of an order
    OFFER_TEXT = "offer_text"


class ModerationState(StrEnum):
    WAITING = "waiting"  # not shown until somebody has looked at it
    SHOWN = "shown"
    TAKEN_DOWN = "taken_down"  # not shown; what the registry recorded stays as it is


class ModeratedText(Base):
    """One text and what was decided about showing it. A text without a row is shown."""

    __tablename__ = "moderated_text"

    id: Mapped[UUID] = new_id()
    kind: Mapped[TextKind] = state_column(TextKind)
    entity_id: Mapped[str]  # of the order; of an offer's text: id and language, with a colon between
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("order.id"), index=True)
    provider_id: Mapped[UUID | None] = mapped_column(ForeignKey("provider.id"))
    language: Mapped[str | None]
    text: Mapped[str]  # as it was when it was looked at
    rules: Mapped[list[str]] = mapped_column(ARRAY(Text))  # codes of the rules that it met
    state: Mapped[ModerationState] = state_column(ModerationState, default=ModerationState.WAITING)
    found_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("kind", "entity_id"),
        Index("ix_moderated_text_waiting", "found_at", "id", postgresql_where=sql("state = 'waiting'")),
    )
