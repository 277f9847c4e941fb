"""Cancellations: the irreversible step, one row an order line, and the serial numbers it took."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.orders.models import OrderLine


class CancellationState(StrEnum):
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    COMPLETED = "completed"
    REFUSED = "refused"


class Cancellation(Base):
    """Units of one order line, cancelled in the registry once or not at all.

    The id is the client reference and the idempotency key, so every attempt is the same attempt.
    """

    __tablename__ = "cancellation"

    id: Mapped[UUID] = new_id()
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"), index=True)
    mandate_id: Mapped[str] = mapped_column(ForeignKey("mandate.mandate_id"), index=True)
    quantity: Mapped[int]
    state: Mapped[CancellationState] = state_column(CancellationState, index=True)
    # Counted before each call: more than none means that the registry may know our reference already.
    attempts: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    registry_id: Mapped[str | None] = mapped_column(unique=True)
    completed_at: Mapped[datetime | None]  # the registry's time
    attestation_reference: Mapped[str | None]
    attestation_url: Mapped[str | None]
    problem_code: Mapped[str | None]
    problem_detail: Mapped[str | None]

    line: Mapped[OrderLine] = relationship()
    serial_ranges: Mapped[list["CancelledRange"]] = relationship(
        back_populates="cancellation", order_by="CancelledRange.prefix, CancelledRange.start"
    )

    __table_args__ = (
        # What the registry has refused may be replaced by other units; the rest never.
        Index(
            "uq_cancellation_line",
            "order_line_id",
            unique=True,
            postgresql_where=text("state <> 'refused'"),
        ),
    )

    @property
    def client_reference(self) -> str:
        """What the registry knows this cancellation by."""
        return str(self.id)


class CancelledRange(Base):
    """Serial numbers that a cancellation took; inclusive. `printed` is the registry's notation to the letter."""

    __tablename__ = "cancelled_range"

    id: Mapped[UUID] = new_id()
    cancellation_id: Mapped[UUID] = mapped_column(ForeignKey("cancellation.id"), index=True)
    prefix: Mapped[str]
    start: Mapped[int]
    end: Mapped[int]
    count: Mapped[int]
    printed: Mapped[str]

    cancellation: Mapped[Cancellation] = relationship(back_populates="serial_ranges")

    __table_args__ = (
        CheckConstraint('count = "end" - start + 1 AND count >= 1', name="count"),
        # Overlaps are refused when a receipt is recorded; equal ends are refused by the database itself.
        UniqueConstraint("prefix", "start"),
        UniqueConstraint("prefix", "end"),
        Index("ix_cancelled_range_serial", "prefix", "start", "end"),
        # One number, whatever its prefix.
        Index("ix_cancelled_range_span", text("int8range(start, \"end\", '[]')"), postgresql_using="gist"),
    )
