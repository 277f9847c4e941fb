"""Reading claims of buyers who have paid, and whose money nobody has confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.dates import add_bank_days
from app.domain.payments.bank.models import BankAccount, BankTransfer
from app.domain.payments.refund_models import PaymentClaim

# From then on somebody should have seen the money.
BANK_DAYS_AFTER_SENT = 3
# While an order is in one of these, money for it would still be taken.
CLAIMABLE = frozenset({OrderState.AWAITING_PAYMENT, OrderState.EXPIRED, OrderState.WITHDRAWN})
RECEIVED, NOT_RECEIVED = "received", "not_received"


@dataclass(frozen=True)
class OwnClaim:
    """A claim about an order of a provider, with the transfer that it is about."""

    claim: PaymentClaim
    transfer: BankTransfer

    @property
    def order(self) -> Order:
        return self.claim.order


def claim_of(session: Session, order_id: UUID) -> PaymentClaim | None:
    """What the buyer claims about the order, if anything."""
    return session.get(PaymentClaim, order_id)


def claim_possible_from(session: Session, transfer: BankTransfer) -> datetime:
    """From when "I have paid" may be said: the third bank day after it was sent, or the day after it was due.

    UTC; the days are those of the provider's own zone.
    """
    first = transfer.due_on + timedelta(days=1)
    if transfer.said_sent_on is not None:
        arrived = add_bank_days(transfer.said_sent_on, BANK_DAYS_AFTER_SENT, transfer.order.currency)
        first = min(first, arrived)
    return datetime.combine(first, time(), zone_of(session, transfer)).astimezone(UTC)


def zone_of(session: Session, transfer: BankTransfer) -> ZoneInfo:
    """Where the provider is."""
    return ZoneInfo(session.get_one(BankAccount, transfer.account_id).zone)


def answer_awaited_until(session: Session, order_id: UUID) -> datetime | None:
    """Until when the provider owes the buyer an answer; None where none is owed."""
    claim = claim_of(session, order_id)
    return claim.answer_by if claim is not None and claim.answer is None else None


def open_claims(session: Session, account_ids: Sequence[UUID]) -> Sequence[OwnClaim]:
    """Claims about these accounts that wait for an answer, the most urgent first."""
    rows = session.execute(
        select(PaymentClaim, BankTransfer)
        .join(BankTransfer, BankTransfer.order_id == PaymentClaim.order_id)
        .join(Order, Order.id == PaymentClaim.order_id)
        .where(
            BankTransfer.account_id.in_(account_ids),
            PaymentClaim.answer.is_(None),
            Order.state.in_(CLAIMABLE),
        )
        .order_by(PaymentClaim.answer_by, Order.number)
    )
    return [OwnClaim(claim, transfer) for claim, transfer in rows]


def escalated_claims(session: Session) -> Sequence[PaymentClaim]:
    """Claims in which administrators mediate, the oldest first: those without an answer, or with two words."""
    return session.scalars(
        select(PaymentClaim)
        .join(Order, Order.id == PaymentClaim.order_id)
        .where(
            PaymentClaim.escalated_at.is_not(None),
            or_(PaymentClaim.answer.is_(None), PaymentClaim.answer == NOT_RECEIVED),
            Order.state.in_(CLAIMABLE),
        )
        .options(joinedload(PaymentClaim.order).joinedload(Order.provider))
        .order_by(PaymentClaim.escalated_at, Order.number)
    ).all()


def overdue_claims(session: Session, now: datetime) -> Sequence[UUID]:
    """Orders whose provider has let the day of the answer pass, and of which no administrator knows."""
    return session.scalars(
        select(PaymentClaim.order_id)
        .join(Order, Order.id == PaymentClaim.order_id)
        .where(
            PaymentClaim.answer.is_(None),
            PaymentClaim.escalated_at.is_(None),
            PaymentClaim.answer_by <= now,
            Order.state.in_(CLAIMABLE),
        )
        .order_by(PaymentClaim.order_id)
    ).all()
