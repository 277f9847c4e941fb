"""Bank accounts of providers, the instructions frozen in an order, and the statements that providers bring."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.orders.models import Order
from app.domain.payments.models import ProviderPayeeAccount
from app.money import Money


class BankAccount(Base):
    """What a payee account of the gateway `bank` has beside the others: its details and the provider's choices."""

    __tablename__ = "bank_account"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("payee_account.id"), primary_key=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)  # BankDetails
    zone: Mapped[str] = mapped_column(server_default="UTC")  # IANA; the provider's days are counted there
    hold_days: Mapped[int] = mapped_column(server_default="10")
    tolerance_minor: Mapped[int] = mapped_column(
        server_default="0"
    )  # so much less counts as paid: bank charges
    two_persons_from_minor: Mapped[int | None]  # a transfer from here on takes two to confirm
    csv_columns: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # ColumnMap of the last CSV statement

    account: Mapped[ProviderPayeeAccount] = relationship()

    __table_args__ = (
        CheckConstraint("hold_days BETWEEN 3 AND 30", name="hold_days"),
        CheckConstraint("tolerance_minor >= 0", name="tolerance"),
    )


class BankTransfer(Base):
    """How an order is paid by bank transfer: frozen when it is placed, whatever happens to the account."""

    __tablename__ = "bank_transfer"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("order.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("payee_account.id"), index=True)
    reference: Mapped[str] = mapped_column(unique=True)  # ISO 11649
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)  # BankDetails as they were
    tolerance_minor: Mapped[int]
    due_on: Mapped[date]  # what the buyer is told
    release_at: Mapped[datetime]  # when the units really go free
    said_sent_on: Mapped[date | None]  # the day on which the buyer says that it was sent
    said_sent_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship()
    account: Mapped[ProviderPayeeAccount] = relationship()


class StatementStage(StrEnum):
    READY = "ready"  # to be looked at, or committed
    READING = "reading"  # a long one: a job reads it
    REFUSED = "refused"  # the job could not read it
    COMMITTING = "committing"  # a job books it


class BankStatement(Base):
    """A statement that a provider brought. Looked at first, committed by a second act.

    The file itself is forgotten with the commit: it tells of money that is none of the platform's business.
    """

    __tablename__ = "bank_statement"

    id: Mapped[UUID] = new_id()
    account_id: Mapped[UUID] = mapped_column(ForeignKey("payee_account.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]  # camt | mt940 | csv; "" until a job has read it
    sha256: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    columns: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # ColumnMap, of a CSV
    lines: Mapped[int]  # in the file
    stage: Mapped[StatementStage] = state_column(StatementStage, server_default="ready")
    lines_done: Mapped[int] = mapped_column(server_default="0")  # of the job that reads or books it
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # Summary, where a job has read it
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # code and place, where it was refused
    uploaded_at: Mapped[datetime]
    committed_at: Mapped[datetime | None]

    account: Mapped[ProviderPayeeAccount] = relationship()

    __table_args__ = (
        CheckConstraint("(committed_at IS NULL) = (content IS NOT NULL)", name="content"),
        UniqueConstraint("account_id", "sha256"),
    )


class LineState(StrEnum):
    BOOKED = "booked"  # in the ledger, or proof of what is
    WAITING = "waiting"  # for the second person
    OPEN = "open"  # for somebody to decide
    SET_ASIDE = "set_aside"


class BankLine(Base):
    """A line of a statement that concerns the platform's orders, or may. Others are not kept."""

    __tablename__ = "bank_line"

    id: Mapped[UUID] = new_id()
    account_id: Mapped[UUID] = mapped_column(ForeignKey("payee_account.id"))
    statement_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("bank_statement.id"), index=True
    )  # None: by hand
    kind: Mapped[str]  # camt | mt940 | csv | hand
    fingerprint: Mapped[str]  # the same line again has the same
    booked_on: Mapped[date]
    amount_minor: Mapped[int]  # negative: money that went out
    currency: Mapped[str]
    payer: Mapped[str]
    text: Mapped[str]
    bank_reference: Mapped[str]
    verdict: Mapped[str]  # of `match.Verdict`: why it stands where it stands
    state: Mapped[LineState] = state_column(LineState)
    shares: Mapped[list[Any]] = mapped_column(
        JSONB
    )  # [order number, amount in minor units] of each order in it
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # who committed it
    second_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str | None]
    recorded_at: Mapped[datetime]

    account: Mapped[ProviderPayeeAccount] = relationship()

    __table_args__ = (
        UniqueConstraint("account_id", "fingerprint"),
        Index("ix_bank_line_bank_reference", "bank_reference", postgresql_where=sql("bank_reference <> ''")),
        Index("ix_bank_line_open", "account_id", postgresql_where=sql("state IN ('open', 'waiting')")),
        CheckConstraint("second_person_id IS NULL OR second_person_id <> person_id", name="two_persons"),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
