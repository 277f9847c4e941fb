"""Invoices and other tax documents of providers, for their buyers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.domain.base import Base, new_id
from app.domain.orders.models import Order


class TaxDocument(Base):
    """A document for one order: uploaded by its provider, or numbered and made here on the provider's behalf.

    It is never changed; a wrong one is followed by another. What is made here is frozen as facts with its number, and
    its PDF is printed from them afterwards.
    """

    __tablename__ = "tax_document"

    id: Mapped[UUID] = new_id()
    order_id: Mapped[UUID] = mapped_column(ForeignKey("order.id"), index=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"))
    number: Mapped[str | None]  # of the provider's series, where it was made here
    facts: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True)
    )  # what a document made here says
    filename: Mapped[str]
    content_type: Mapped[str]
    content: Mapped[bytes | None] = deferred(
        mapped_column(LargeBinary)
    )  # None until printed; then never changed
    sha256: Mapped[str | None]  # of the content
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # who brought or asked for it
    at: Mapped[datetime]

    order: Mapped[Order] = relationship()

    __table_args__ = (
        UniqueConstraint("provider_id", "number"),
        UniqueConstraint("order_id", "sha256"),
        CheckConstraint("(number IS NULL) = (facts IS NULL)", name="made_here"),
        CheckConstraint("(content IS NULL) = (sha256 IS NULL)", name="printed"),
    )


class TaxSeries(Base):
    """A provider's numbers: no gaps, taken under a lock in the transaction that makes the document."""

    __tablename__ = "tax_series"

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
