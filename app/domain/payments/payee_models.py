"""What providers decide about their payee accounts: other bank details, and from when units are cancelled."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.payments.models import ProviderPayeeAccount, ReleaseRule


class ChangeState(StrEnum):
    ASKED = "asked"  # waits for the second person
    CONFIRMED = "confirmed"  # waits until it takes effect
    APPLIED = "applied"
    WITHDRAWN = "withdrawn"


class PayeeChange(Base):
    """Other bank details for an account: asked by one person, confirmed by another, in force after some days."""

    __tablename__ = "payee_change"

    id: Mapped[UUID] = new_id()
    account_id: Mapped[UUID] = mapped_column(ForeignKey("payee_account.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)  # BankDetails
    state: Mapped[ChangeState] = state_column(ChangeState)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # who confirmed or withdrew it
    decided_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]

    account: Mapped[ProviderPayeeAccount] = relationship()

    __table_args__ = (
        # One change of an account at a time.
        Index(
            "uq_payee_change_open",
            "account_id",
            unique=True,
            postgresql_where=text("state IN ('asked', 'confirmed')"),
        ),
        CheckConstraint("state <> 'confirmed' OR decided_by <> asked_by", name="two_persons"),
    )


class ReleasePolicy(Base):
    """From which amount a provider waits before units are cancelled for money that can come back. None: never."""

    __tablename__ = "release_policy"

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    from_minor: Mapped[int]  # an order of this total or more
    rule: Mapped[ReleaseRule] = state_column(ReleaseRule)  # delay | review
    hours: Mapped[int]  # delay: how long; review: within which time the provider decides
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("from_minor >= 0", name="from"),
        CheckConstraint("hours BETWEEN 1 AND 168", name="hours"),
        CheckConstraint("rule <> 'at_once'", name="waits"),
    )
