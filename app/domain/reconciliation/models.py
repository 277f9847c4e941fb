"""Comparing what the registry has with what we have, in both directions."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column


class ReconciliationRun(Base):
    """One comparison of everything."""

    __tablename__ = "reconciliation_run"

    id: Mapped[UUID] = new_id()
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # None: nightly
    cancellations: Mapped[int] = mapped_column(default=0)  # compared
    mandates: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)  # differences that were open when it ended
    problem: Mapped[str | None]  # why it could not be done


class DifferenceState(StrEnum):
    OPEN = "open"
    EXPLAINED = "explained"  # an administrator has said why, and it stays as it is
    GONE = "gone"  # a later comparison did not find it any more


class Difference(Base):
    """Something that the registry has and we have not, or otherwise, or not the same."""

    __tablename__ = "difference"

    id: Mapped[UUID] = new_id()
    kind: Mapped[str]  # a code of `compare.KINDS`
    entity: Mapped[str]  # cancellation | mandate | offer
    entity_id: Mapped[str]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("order.id"), index=True)
    here: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    there: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    state: Mapped[DifferenceState] = state_column(DifferenceState, default=DifferenceState.OPEN)
    first_run_id: Mapped[UUID] = mapped_column(ForeignKey("reconciliation_run.id"))
    last_run_id: Mapped[UUID] = mapped_column(ForeignKey("reconciliation_run.id"))
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    explained_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    explained_at: Mapped[datetime | None]
    explanation: Mapped[str | None]

    first_run: Mapped[ReconciliationRun] = relationship(foreign_keys=[first_run_id])
    last_run: Mapped[ReconciliationRun] = relationship(foreign_keys=[last_run_id])

    __table_args__ = (
        Index(
            "uq_difference_standing",
            "kind",
            "entity_id",
            unique=True,
            postgresql_where=text("state <> 'gone'"),
        ),
    )
