"""What providers ask of the registry over their mandates, from asking to the registry's word."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.people.models import Person, Provider


class ActKind(StrEnum):
    GRANT = "grant"
    REVOKE = "revoke"


class ActState(StrEnum):
    ASKED = "asked"  # on its way, or nobody knows: it is asked again with the same key
    DONE = "done"
    REFUSED = "refused"


class MandateAct(Base):
    """A provider's person grants or revokes a mandate. The id is the idempotency key of every attempt."""

    __tablename__ = "mandate_act"

    id: Mapped[UUID] = new_id()
    kind: Mapped[ActKind] = state_column(ActKind)
    state: Mapped[ActState] = state_column(ActState)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    account_id: Mapped[str]
    block_id: Mapped[str]
    quantity: Mapped[int]
    mandate_id: Mapped[str | None]  # of a grant: once the registry has said so
    refusal: Mapped[str | None]  # the registry's code
    # Of a grant: the offer that is to have more units by it, see `offers/add_units.py`.
    added_to: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"))
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    provider: Mapped[Provider] = relationship()
    person: Mapped[Person] = relationship()

    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity"),
        CheckConstraint("mandate_id IS NOT NULL OR kind = 'grant'", name="mandate"),
        CheckConstraint("(state = 'asked') = (settled_at IS NULL)", name="settled"),
    )
