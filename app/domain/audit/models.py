"""The audit trail. The database refuses to change or delete a row (see migrations)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base


class AuditEvent(Base):
    """One thing that happened to one entity."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    event: Mapped[str]  # a value of app.domain.audit.events.Event
    actor: Mapped[str]  # buyer | provider | administrator | operator | platform
    # Who, if somebody was signed in.
    actor_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    entity: Mapped[str]  # order | payment | cancellation | certificate | offer | ...
    entity_id: Mapped[str] = mapped_column(index=True)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("order.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)


class AuditSeal(Base):
    """A link of the chain over the trail: written by the database itself when a row is committed (see migrations).

    `hash` is SHA-256 over the seal before, and over the row: whoever takes a row away, or changes one, breaks it.
    """

    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3, ... without a gap
    event_id: Mapped[int] = mapped_column(
        unique=True
    )  # no foreign key: a row that is gone must not stop the rest
    hash: Mapped[bytes]
