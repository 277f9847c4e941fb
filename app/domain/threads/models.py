"""The conversation about an order, and complaints with their clock."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.orders.models import Order


class Author(StrEnum):
    BUYER = "buyer"
    PROVIDER = "provider"
    ADMINISTRATOR = "administrator"
    PLATFORM = "platform"


class OrderMessage(Base):
    """One message in an order's thread; everybody who has to do with the order reads it."""

    __tablename__ = "order_message"

    id: Mapped[UUID] = new_id()
    order_id: Mapped[UUID] = mapped_column(ForeignKey("order.id"))
    author: Mapped[Author] = state_column(Author)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # None: a guest, or the platform
    text: Mapped[
        str
    ]  # plain; of the platform the code of its words (`web/support/thread_words`); "" once erased
    at: Mapped[datetime]

    order: Mapped[Order] = relationship()

    __table_args__ = (Index("ix_order_message_order_id", "order_id", "at"),)


class ComplaintKind(StrEnum):
    CERTIFICATE_LATE = "certificate_late"  # paid 72 hours ago, and no certificate: opened by the platform
    BUYER = "buyer"  # opened by the buyer


class ComplaintState(StrEnum):
    OPEN = "open"  # the provider has until `due_at`
    ESCALATED = "escalated"  # an administrator mediates
    CLOSED = "closed"


class Complaint(Base):
    """Something is wrong with an order, and somebody has to put it right until `due_at`."""

    __tablename__ = "complaint"

    id: Mapped[UUID] = new_id()
    order_id: Mapped[UUID] = mapped_column(ForeignKey("order.id"), index=True)
    kind: Mapped[ComplaintKind] = state_column(ComplaintKind)
    state: Mapped[ComplaintState] = state_column(ComplaintState, default=ComplaintState.OPEN)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[
        datetime | None
    ]  # the provider has answered: of a buyer's complaint the clock stands still
    escalated_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str | None]  # in words, for everybody in the thread

    order: Mapped[Order] = relationship()

    __table_args__ = (
        Index("uq_complaint_open", "order_id", unique=True, postgresql_where=text("state <> 'closed'")),
        Index("ix_complaint_due_at", "due_at", postgresql_where=text("state = 'open'")),
    )
