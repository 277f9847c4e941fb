"""What waits for somebody at a provider: lines to decide about, transfers to confirm, money to give back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.instructions import Instructions, instructions_of
from app.domain.payments.bank.models import BankAccount, BankLine, BankStatement, BankTransfer, LineState
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.proofs import proofs_of
from app.domain.payments.queries import net_paid
from app.domain.payments.refund_models import PaymentProof, ProofKind

_MOST = 200


@dataclass(frozen=True)
class WaitingTransfer:
    """An order whose money has not (all) come."""

    order: Order
    how: Instructions
    proofs: Sequence[PaymentProof]  # what the buyer has shown, without the files


@dataclass(frozen=True)
class DueBack:
    """Money that the provider has to send back."""

    order: Order
    minor: int


@dataclass(frozen=True)
class WorkList:
    """Oldest first, 200 of each at most."""

    lines: Sequence[BankLine]
    transfers: Sequence[WaitingTransfer]
    due_back: Sequence[DueBack]
    statements: Sequence[BankStatement]


def bank_accounts_of(session: Session, provider_id: UUID) -> Sequence[BankAccount]:
    """The provider's bank accounts, the oldest first."""
    return session.scalars(
        select(BankAccount)
        .join(ProviderPayeeAccount, BankAccount.account_id == ProviderPayeeAccount.id)
        .where(ProviderPayeeAccount.provider_id == provider_id)
        .order_by(ProviderPayeeAccount.created_at, ProviderPayeeAccount.id)
    ).all()


def work_list(session: Session, account_ids: Sequence[UUID]) -> WorkList:
    """Everything that waits on these accounts."""
    lines = session.scalars(
        select(BankLine)
        .where(BankLine.account_id.in_(account_ids), BankLine.state.in_([LineState.OPEN, LineState.WAITING]))
        .order_by(BankLine.booked_on, BankLine.id)
        .limit(_MOST)
    ).all()
    statements = session.scalars(
        select(BankStatement)
        .where(BankStatement.account_id.in_(account_ids))
        .order_by(BankStatement.uploaded_at.desc())
        .limit(10)
    ).all()
    waiting = _transfers(session, account_ids, OrderState.AWAITING_PAYMENT)
    due_back = _transfers(session, account_ids, OrderState.REFUND_DUE)
    return WorkList(
        lines=lines,
        transfers=[
            WaitingTransfer(
                each.order,
                instructions_of(session, each),
                proofs_of(session, each.order_id, ProofKind.TRANSFER),
            )
            for each in waiting
            # Somebody who pays in another way, and has not sent anything, is not waited for.
            if each.order.method == "bank" or each.said_sent_at is not None
        ],
        due_back=[DueBack(each.order, net_paid(session, each.order)) for each in due_back],
        statements=statements,
    )


def own_statement(session: Session, account_ids: Sequence[UUID], statement_id: UUID) -> BankStatement | None:
    """The statement, if it is of one of these accounts."""
    return session.execute(
        select(BankStatement).where(
            BankStatement.id == statement_id, BankStatement.account_id.in_(account_ids)
        )
    ).scalar_one_or_none()


def own_line(session: Session, account_ids: Sequence[UUID], line_id: UUID) -> BankLine | None:
    """The line, if it is of one of these accounts."""
    return session.execute(
        select(BankLine).where(BankLine.id == line_id, BankLine.account_id.in_(account_ids))
    ).scalar_one_or_none()


def _transfers(session: Session, account_ids: Sequence[UUID], state: OrderState) -> Sequence[BankTransfer]:
    return session.scalars(
        select(BankTransfer)
        .join(Order, BankTransfer.order_id == Order.id)
        .where(BankTransfer.account_id.in_(account_ids), Order.state == state)
        .order_by(BankTransfer.due_on, Order.number)
        .limit(_MOST)
    ).all()
