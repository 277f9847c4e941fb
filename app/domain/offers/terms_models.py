"""What is to become of offers: changes with a date, and drafts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.mandates.models import ActState, MandateAct
from app.domain.offers.models import Offer
from app.domain.people.models import Person


class ChangeKind(StrEnum):
    PRICE = "price"
    PAUSE = "pause"
    RESUME = "resume"


class OfferChangeState(StrEnum):
    WAITING = "waiting"
    APPLIED = "applied"
    DROPPED = "dropped"  # the offer was not in a state for it when its time came
    WITHDRAWN = "withdrawn"


class OfferChange(Base):
    """Something that is to happen to an offer at a time."""

    __tablename__ = "offer_change"

    id: Mapped[UUID] = new_id()
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), index=True)
    kind: Mapped[ChangeKind] = state_column(ChangeKind)
    price_minor: Mapped[int | None]  # of a new price, in the offer's currency
    state: Mapped[OfferChangeState] = state_column(OfferChangeState, default=OfferChangeState.WAITING)
    due_at: Mapped[datetime]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    problem: Mapped[str | None]  # why it was dropped, as a code: state, terms

    offer: Mapped[Offer] = relationship()

    __table_args__ = (
        CheckConstraint("(kind = 'price') = (price_minor IS NOT NULL) AND price_minor > 0", name="price"),
        Index("ix_offer_change_due_at", "due_at", postgresql_where=text("state = 'waiting'")),
    )


class OfferDraft(Base):
    """An offer in the making: what was typed, from the first form until the registry has earmarked its units."""

    __tablename__ = "offer_draft"

    id: Mapped[UUID] = new_id()  # and the key of the mandate's grant, until the registry refuses that
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    account_id: Mapped[str]
    block_id: Mapped[str]
    activity_ref: Mapped[str]
    # A mandate that there is already: its units are offered. None: one is granted.
    mandate_id: Mapped[str | None] = mapped_column(ForeignKey("mandate.mandate_id"))
    typed: Mapped[dict[str, Any]] = mapped_column(JSONB)  # the form's fields, as typed
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    act_id: Mapped[UUID | None] = mapped_column(ForeignKey("mandate_act.id"))  # once the units are asked for
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"))  # once there is one
    thrown_away_at: Mapped[datetime | None]

    act: Mapped[MandateAct | None] = relationship()
    offer: Mapped[Offer | None] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def can_change(self) -> bool:
        """Nothing has come of it yet: it may be changed, published and thrown away."""
        asked = self.act is not None and self.act.state != ActState.REFUSED
        return self.thrown_away_at is None and self.offer_id is None and not asked
