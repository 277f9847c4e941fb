"""Reading refunds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.models import BankLine
from app.domain.payments.models import Payment, PaymentEntry
from app.domain.payments.queries import locked_order
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.refunds.states import AT_GATEWAY, OPEN, TO_SEND
from app.money import Money

# Longer than a job's own pauses: only what no job looks after any more.
_FORGOTTEN_AFTER = timedelta(minutes=20)
SILENCE = timedelta(days=14)  # a buyer who says nothing for so long has it
# By the buyer's word or their silence: not the id of any gateway.
BY_WORD = "refund:"


def locked_refund(session: Session, refund_id: UUID) -> Refund:
    """The refund with its order locked first: everything that decides about an order queues up there."""
    order_id = session.execute(select(Refund.order_id).where(Refund.id == refund_id)).scalar_one()
    locked_order(session, order_id)
    return session.execute(
        select(Refund)
        .where(Refund.id == refund_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def open_refunds_of(session: Session, provider_id: UUID) -> Sequence[Refund]:
    """A provider's refunds that have not come to an end: what they have to send first, by its date."""
    return session.scalars(
        _of_provider(provider_id)
        .where(Refund.state.in_(OPEN))
        .order_by(Refund.state.in_(TO_SEND).desc(), Refund.due_at.asc().nulls_last(), Refund.created_at)
    ).all()


def ended_refunds_of(session: Session, provider_id: UUID, most: int) -> Sequence[Refund]:
    """A provider's refunds that came to an end, the last one first."""
    return session.scalars(
        _of_provider(provider_id)
        .where(Refund.state.not_in(OPEN))
        .order_by(Refund.changed_at.desc(), Refund.id)
        .limit(most)
    ).all()


def own_refund(session: Session, provider_id: UUID, refund_id: UUID) -> Refund | None:
    """The refund, if it is this provider's to make."""
    return session.scalars(_of_provider(provider_id).where(Refund.id == refund_id)).one_or_none()


def refunds_for_people(session: Session) -> Sequence[Refund]:
    """What administrators have to see: overdue, or the buyer says that nothing came. The oldest first."""
    return session.scalars(
        select(Refund)
        .where(Refund.escalated_at.is_not(None), Refund.state.in_(OPEN))
        .options(joinedload(Refund.order).joinedload(Order.provider))
        .order_by(Refund.escalated_at, Refund.id)
    ).all()


def receipt_of(session: Session, refund: Refund) -> PaymentEntry:
    """The receipt that is given back."""
    return session.execute(
        select(PaymentEntry).where(
            PaymentEntry.payment_id == refund.payment_id,
            PaymentEntry.kind == "receipt",
            PaymentEntry.external_id == refund.receipt_id,
        )
    ).scalar_one()


def bank_line_of(session: Session, receipt: PaymentEntry) -> BankLine | None:
    """The line of the provider's statement that showed a receipt: who had paid it."""
    return session.scalars(
        select(BankLine).where(
            BankLine.account_id == receipt.account_id,
            BankLine.fingerprint.in_([receipt.external_id, receipt.external_id.rpartition(":")[0]]),
        )
    ).first()


def refunds_outside(session: Session, order_id: UUID) -> Sequence[PaymentEntry]:
    """Money that went back without the platform's doing: entries of the ledger that belong to no refund."""
    own = {each.external_id for each in refunds_of(session, order_id)}
    entries = session.scalars(
        select(PaymentEntry)
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .where(Payment.order_id == order_id, PaymentEntry.kind == "refund")
        .order_by(PaymentEntry.at, PaymentEntry.id)
    )
    return [each for each in entries if each.external_id not in own]


def given_back(session: Session, order: Order) -> Money:
    """What has gone back to the buyer, by whatever way, and not come back again; disputes are not counted."""
    rows = session.execute(
        select(PaymentEntry.kind, func.sum(PaymentEntry.amount_minor))
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .where(
            Payment.order_id == order.id,
            PaymentEntry.currency == order.currency,
            PaymentEntry.kind.in_(["refund", "refund_failed"]),
        )
        .group_by(PaymentEntry.kind)
    )
    moved = {kind: int(total) for kind, total in rows}
    return Money(moved.get("refund", 0) - moved.get("refund_failed", 0), order.currency)


def refunds_left_alone(session: Session, now: datetime) -> list[UUID]:
    """Refunds at the gateway that nobody has asked about for some time."""
    return list(
        session.scalars(
            select(Refund.id).where(Refund.state.in_(AT_GATEWAY), Refund.changed_at < now - _FORGOTTEN_AFTER)
        )
    )


def refunds_to_mind(session: Session, now: datetime) -> list[UUID]:
    """Refunds by hand of which a date has passed and nothing was made of it."""
    late = Refund.due_at <= now - _FORGOTTEN_AFTER
    return list(
        session.scalars(
            select(Refund.id).where(
                or_(
                    (Refund.state == RefundState.BY_HAND) & late & Refund.escalated_at.is_(None),
                    (Refund.state == RefundState.SENT)
                    & (Refund.changed_at <= now - SILENCE - _FORGOTTEN_AFTER),
                )
            )
        )
    )


def orders_without_refund(session: Session, now: datetime) -> list[UUID]:
    """Orders that are due a refund of which nobody has made one."""
    under_way = select(Refund.order_id).where(Refund.state.in_(OPEN))
    return list(
        session.scalars(
            select(Order.id).where(
                Order.state == OrderState.REFUND_DUE,
                Order.hold_until < now - _FORGOTTEN_AFTER,
                Order.id.not_in(under_way),
            )
        )
    )


def _of_provider(provider_id: UUID) -> Select[Refund]:
    return (
        select(Refund)
        .join(Order, Refund.order_id == Order.id)
        .where(Order.provider_id == provider_id)
        .options(joinedload(Refund.order))
    )
