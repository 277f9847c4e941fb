"""Payee accounts, payment attempts, the ledger of money moved, and the inbox of notifications."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.orders.models import Order
from app.domain.people.models import Provider
from app.money import Money


class AccountState(StrEnum):
    DRAFT = "draft"
    VERIFYING = "verifying"
    ACTIVE = "active"
    DEGRADED = "degraded"
    REVOKED = "revoked"


class ProviderPayeeAccount(Base):
    """A provider's own account with a gateway: where the buyer's money goes, and nowhere else."""

    __tablename__ = "payee_account"

    id: Mapped[UUID] = new_id()
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), index=True)
    gateway: Mapped[str]  # a code of `methods.METHODS`
    mode: Mapped[str]  # one of its modes
    external_id: Mapped[str]  # the gateway's id of the payee
    client_id: Mapped[str]
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # encrypted; the key is not in the database
    webhook_id: Mapped[str] = mapped_column(default="")
    # What notifications are signed with, encrypted likewise, where the gateway shares a secret for that.
    webhook_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    livemode: Mapped[bool] = mapped_column(default=True, server_default="true")  # false: for trying out
    currencies: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[AccountState] = state_column(AccountState, default=AccountState.ACTIVE)
    state_reason: Mapped[str | None]
    statement_text: Mapped[str] = mapped_column(server_default="")  # what buyers find on their own statement
    created_at: Mapped[datetime]
    # The person who brought the account as it is, and the second one who confirmed it, where two are needed.
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    secret_changed_at: Mapped[datetime | None]
    # How the method fares: when it was last tried out, told us something, and brought money.
    probed_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    tested_at: Mapped[
        datetime | None
    ]  # when its provider bought a unit from itself through it, and got it back

    provider: Mapped[Provider] = relationship()

    __table_args__ = (
        # An account in the making has no name at the gateway yet.
        Index(
            "uq_payee_account_external",
            "gateway",
            "external_id",
            unique=True,
            postgresql_where=text("external_id <> ''"),
        ),
    )


class ReleaseRule(StrEnum):
    """From when units are cancelled once an order is paid."""

    AT_ONCE = "at_once"
    DELAY = "delay"
    REVIEW = "review"


class PaymentState(StrEnum):
    CREATED = "created"
    STARTED = "started"
    AUTHORIZED = "authorized"
    PENDING = "pending"
    CAPTURED = "captured"
    FAILED = "failed"
    ABANDONED = "abandoned"
    EXPIRED = "expired"


class Payment(Base):
    """One attempt to pay an order. Its id goes to the gateway as reference and in every idempotency key."""

    __tablename__ = "payment"

    id: Mapped[UUID] = new_id()
    order_id: Mapped[UUID] = mapped_column(ForeignKey("order.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("payee_account.id"), index=True)
    gateway: Mapped[str]
    state: Mapped[PaymentState] = state_column(PaymentState)
    reason: Mapped[str | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    external_id: Mapped[str | None]
    redirect_url: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    # Set before the gateway is asked to take the money: from here on the order may not expire.
    capture_asked_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]  # when the gateway last told us its truth
    # The buyer chose to pay in another way while this one was under way, knowing that both may be taken.
    superseded_at: Mapped[datetime | None]
    payee: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # PayeeShown, as it was when the buyer chose
    # From when cancellation may begin once this payment has covered the order; frozen from the provider's policy.
    release_rule: Mapped[ReleaseRule] = state_column(ReleaseRule, server_default="at_once")
    release_hours: Mapped[int] = mapped_column(server_default="0")

    order: Mapped[Order] = relationship()
    account: Mapped[ProviderPayeeAccount] = relationship()
    entries: Mapped[list["PaymentEntry"]] = relationship(back_populates="payment", order_by="PaymentEntry.at")

    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_payment_external_id", "external_id"),
        Index("ix_payment_pending", "order_id", postgresql_where=text("state = 'pending'")),
        # One open attempt an order: what keeps a buyer from paying twice.
        Index(
            "uq_payment_open",
            "order_id",
            unique=True,
            postgresql_where=text(
                "state IN ('created', 'started', 'authorized', 'pending') AND superseded_at IS NULL"
            ),
        ),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class PaymentEntry(Base):
    """A movement of money as the gateway reported it. Rows are added, never changed: see migrations."""

    __tablename__ = "payment_entry"

    id: Mapped[UUID] = new_id()
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("payee_account.id"))
    gateway: Mapped[str]
    kind: Mapped[str]  # receipt | refund | refund_failed | chargeback | chargeback_won
    external_id: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]

    payment: Mapped[Payment] = relationship(back_populates="entries")

    __table_args__ = (
        UniqueConstraint("gateway", "account_id", "kind", "external_id"),
        Index("ix_payment_entry_external_id", "external_id"),
        Index("ix_payment_entry_account_id", "account_id", "recorded_at"),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class Notification(Base):
    """A verified notification of a gateway or the registry, kept before anything is done about it."""

    __tablename__ = "notification"

    id: Mapped[UUID] = new_id()
    source: Mapped[str]  # paypal | registry
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("payee_account.id"))
    event_id: Mapped[str]
    event_type: Mapped[str]
    subjects: Mapped[list[Any]] = mapped_column(JSONB)  # ids that it mentions
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    outcome: Mapped[str | None]  # looked | unmatched | given_up

    __table_args__ = (
        # NULL account ids are equal here: the registry's events have none and must be unique all the same.
        UniqueConstraint("source", "account_id", "event_id", postgresql_nulls_not_distinct=True),
        Index(
            "ix_notification_unknown",
            "received_at",
            postgresql_where=text("outcome IN ('unmatched', 'given_up')"),
        ),
    )
