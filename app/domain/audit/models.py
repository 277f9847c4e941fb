"""The audit trail. The database refuses to change or delete a row (see migrations)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base


class AuditEvent(Base):
    """One thing that happened to one entity."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    event: Mapped[str]  # a value of app.domain.audit.record.Event
    actor: Mapped[str]  # buyer | provider | administrator | operator | platform
    # Who, if somebody was signed in.
    actor_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    entity: Mapped[str]  # order | payment | cancellation | certificate | offer | ...
    entity_id: Mapped[str] = mapped_column(index=True)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("order.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)

    # For the search of administrators, newest first.
    __table_args__ = (
        Index("ix_audit_event_event", "event", "id"),
        Index("ix_audit_event_at", "at"),
        Index("ix_audit_event_administrator", "id", postgresql_where=text("actor = 'administrator'")),
    )


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


class AuditCheck(Base):
    """What a check of the whole trail has found. Rows are added, never changed: see migrations.

    The head of a check that found it whole must be there for ever: whoever cuts off the end of the trail is seen by it.
    """

    __tablename__ = "audit_check"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    checked_at: Mapped[datetime]
    rows: Mapped[int]
    head: Mapped[int]  # number of the last seal; 0 of an empty trail
    hash: Mapped[bytes]  # of the last seal
    whole: Mapped[bool]
    found: Mapped[int]  # problems
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # the first of them: what, number, event_id
