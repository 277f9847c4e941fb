"""Acts that one administrator proposes and another one confirms."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.people.models import Person


class ProposalState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"  # and done
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Proposal(Base):
    """An act that waits for a second administrator. `kind` is a key of `acts.ACTS`."""

    __tablename__ = "proposal"

    id: Mapped[UUID] = new_id()
    kind: Mapped[str]  # such as provider.approve, order.clear
    entity: Mapped[str]  # provider | order
    entity_id: Mapped[str]
    reason: Mapped[str]
    state: Mapped[ProposalState] = state_column(ProposalState, default=ProposalState.OPEN)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]

    proposer: Mapped[Person] = relationship(foreign_keys=[proposed_by])
    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by])

    __table_args__ = (
        # Two pairs of eyes, said by the database too: only who withdraws their own proposal decides alone.
        CheckConstraint("decided_by <> proposed_by OR state = 'withdrawn'", name="two_persons"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        Index("uq_proposal_open", "kind", "entity_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_proposal_entity", "entity", "entity_id"),
    )
