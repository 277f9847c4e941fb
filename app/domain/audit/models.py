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
    actor_person_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("person.id")
    )  # who, if somebody signed in
    entity: Mapped[str]  # order | payment | cancellation | certificate | offer | ...
    entity_id: Mapped[str] = mapped_column(index=True)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("order.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
