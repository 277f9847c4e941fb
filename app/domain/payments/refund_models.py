"""What becomes of money afterwards: refunds, files that show a movement, and payments that nobody has confirmed."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.orders.models import Order
from app.domain.payments.models import Payment
from app.money import Money


class RefundState(StrEnum):
    REQUESTED = "requested"
    SUBMITTED = "submitted"  # the gateway has been asked
    IN_TRANSIT = "in_transit"  # the gateway has taken it on
    BY_HAND = "by_hand"  # the gateway cannot: the provider's task
    SENT = "sent"  # the provider says it was sent, and shows how
    DONE = "done"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Refund(Base):
    """Money that is to go back to a buyer. The movement itself stands in the ledger once the gateway tells of it."""

    __tablename__ = "refund"

    id: Mapped[UUID] = new_id()  # in the idempotency key of every attempt
    order_id: Mapped[UUID] = mapped_column(ForeignKey("order.id"), index=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    receipt_id: Mapped[str]  # external id of the receipt that is given back
    cause: Mapped[str]  # surplus | units_gone | refused | part_paid | rejected | ...
    amount_minor: Mapped[int]
    currency: Mapped[str]
    state: Mapped[RefundState] = state_column(RefundState)
    problem: Mapped[str | None]  # why the gateway cannot
    external_id: Mapped[str | None]  # of the movement, once it is known
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # by hand: until when the provider has to send it
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]  # administrators see it from here on
    sent_on: Mapped[date | None]
    note: Mapped[str | None]  # what the provider says about it
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # who sent it by hand
    answered_at: Mapped[datetime | None]  # when the buyer said whether it came

    payment: Mapped[Payment] = relationship()
    order: Mapped[Order] = relationship()

    __table_args__ = (
        UniqueConstraint("payment_id", "receipt_id", "cause"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_refund_open", "due_at", postgresql_where=text("state IN ('by_hand', 'failed')")),
        Index("ix_refund_due_at", "due_at"),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class ProofKind(StrEnum):
    TRANSFER = "transfer"  # the buyer shows that a transfer was sent
    REFUND = "refund"  # the provider shows that money was sent back


class PaymentProof(Base):
    """A file that shows a movement of money between buyer and provider, outside any gateway."""

    __tablename__ = "payment_proof"

    id: Mapped[UUID] = new_id()
    order_id: Mapped[UUID] = mapped_column(ForeignKey("order.id"), index=True)
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refund.id"))
    kind: Mapped[ProofKind] = state_column(ProofKind)
    filename: Mapped[str]
    content_type: Mapped[str]  # application/pdf | image/png | image/jpeg, found by content
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # None: the order's buyer
    added_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("order_id", "kind", "sha256"),)


class PaymentClaim(Base):
    """The buyer says "I have paid" and the order says it is not: the provider owes an answer by a date."""

    __tablename__ = "payment_claim"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("order.id"), primary_key=True)
    opened_at: Mapped[datetime]
    note: Mapped[str | None]
    answer_by: Mapped[datetime]
    answer: Mapped[str | None]  # received | not_received
    answer_note: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    escalated_at: Mapped[datetime | None]  # administrators mediate from here on

    order: Mapped[Order] = relationship()

    __table_args__ = (Index("ix_payment_claim_open", "order_id", postgresql_where=text("answer IS NULL")),)
