"""Mails as rows: a mail is owed from the moment its cause is committed, and its state can be seen."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base, new_id, state_column

FORGET = "forget"  # in a mail's context: its address goes as soon as nothing will be sent to it any more


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Mail(Base):
    """One mail. `once` is unique: whatever repeats, the same mail is owed only once."""

    __tablename__ = "mail"

    id: Mapped[UUID] = new_id()
    kind: Mapped[str]  # a template under templates/emails
    once: Mapped[str] = mapped_column(unique=True)
    to: Mapped[str]
    language: Mapped[str]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("order.id"), index=True)
    context: Mapped[dict[str, Any]] = mapped_column(
        JSONB
    )  # ids and words that the template needs beside the order
    state: Mapped[MailState] = state_column(MailState, default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None]

    __table_args__ = (Index("ix_mail_to_kind", "to", "kind", "created_at"),)
