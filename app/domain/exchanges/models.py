"""Calls to the registry and to the gateways, as far as an administrator may see them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base, new_id


class Exchange(Base):
    """One call and its answer, without secrets and without what names a person."""

    __tablename__ = "exchange"

    id: Mapped[UUID] = new_id()
    order_id: Mapped[UUID] = mapped_column(ForeignKey("order.id"))
    at: Mapped[datetime]
    system: Mapped[str]  # registry | paypal | stripe | ...
    call: Mapped[str]  # "POST /v1/cancellations"
    status: Mapped[int | None]  # None: no answer
    problem: Mapped[str | None]  # why there is none
    ms: Mapped[int]
    request: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # redacted
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # redacted

    __table_args__ = (Index("ix_exchange_order_id", "order_id", "at"), Index("ix_exchange_at", "at"))
