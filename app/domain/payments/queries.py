"""Reading payments."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session, selectinload

from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import AccountState, Payment, PaymentEntry, PaymentState, ProviderPayeeAccount
from app.domain.payments.states import OPEN
from app.integrations.gateways.interface import INCOMING

# How long to wait before asking the gateway again, by the age of the attempt: a lost notification is
# noticed within minutes, an abandoned checkout costs little.
_ASK_AGAIN = (
    (timedelta(minutes=10), timedelta(minutes=2)),
    (timedelta(hours=1), timedelta(minutes=10)),
    (timedelta(days=3), timedelta(hours=1)),
    (timedelta(days=14), timedelta(days=1)),
)


def locked_payment(session: Session, payment_id: UUID) -> Payment:
    """The payment with its order locked first: everything that decides about an order queues up there."""
    order_id = select(Payment.order_id).where(Payment.id == payment_id).scalar_subquery()
    session.execute(select(Order.id).where(Order.id == order_id).with_for_update())
    return session.execute(
        select(Payment)
        .where(Payment.id == payment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def locked_order(session: Session, order_id: UUID) -> Order:
    """The order, locked, as it is now."""
    return session.execute(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()


def open_payment_of(session: Session, order_id: UUID) -> Payment | None:
    """The order's attempt that is still under way; there is at most one."""
    return session.execute(
        select(Payment).where(Payment.order_id == order_id, Payment.state.in_(OPEN))
    ).scalar_one_or_none()


def latest_payment_of(session: Session, order_id: UUID) -> Payment | None:
    """The attempt that was made last."""
    return session.execute(
        select(Payment).where(Payment.order_id == order_id).order_by(Payment.created_at.desc()).limit(1)
    ).scalar_one_or_none()


def payments_of(session: Session, order_id: UUID) -> list[Payment]:
    """Every attempt to pay the order, oldest first."""
    return list(
        session.scalars(
            select(Payment)
            .where(Payment.order_id == order_id)
            .options(selectinload(Payment.entries))
            .order_by(Payment.created_at, Payment.id)
        )
    )


def usable_account(
    session: Session, provider_id: UUID, gateway: str, currency: str
) -> ProviderPayeeAccount | None:
    """The provider's account that can take this currency by this gateway now."""
    return session.execute(
        select(ProviderPayeeAccount)
        .where(
            ProviderPayeeAccount.provider_id == provider_id,
            ProviderPayeeAccount.gateway == gateway,
            ProviderPayeeAccount.state == AccountState.ACTIVE,
            literal(currency) == func.any(ProviderPayeeAccount.currencies),
        )
        .order_by(ProviderPayeeAccount.created_at)
        .limit(1)
    ).scalar_one_or_none()


def net_paid(session: Session, order: Order) -> int:
    """What came to the provider less what left again, for the order, in minor units of its currency.

    "Paid" is derived from the ledger, never set.
    """
    rows = session.execute(
        select(PaymentEntry.kind, func.sum(PaymentEntry.amount_minor))
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .where(Payment.order_id == order.id, PaymentEntry.currency == order.currency)
        .group_by(PaymentEntry.kind)
    )
    return sum(int(total) if kind in INCOMING else -int(total) for kind, total in rows)


def payments_by_mention(
    session: Session, account_id: UUID, references: Sequence[str], external_ids: Sequence[str]
) -> list[Payment]:
    """Payments of this account that a notification mentions, by our reference or the gateway's id.

    A dispute, say, names nothing but the receipt that it is about.
    """
    mentioned = select(PaymentEntry.payment_id).where(
        PaymentEntry.account_id == account_id, PaymentEntry.external_id.in_(external_ids)
    )
    ours = [UUID(text) for text in references if _is_uuid(text)]
    return list(
        session.execute(
            select(Payment).where(
                Payment.account_id == account_id,
                or_(Payment.id.in_(ours), Payment.external_id.in_(external_ids), Payment.id.in_(mentioned)),
            )
        ).scalars()
    )


def payments_to_ask_about(session: Session, now: datetime) -> list[UUID]:
    """Attempts whose gateway has not been asked for longer than their age allows."""
    age = now - Payment.created_at
    silence = now - func.coalesce(Payment.looked_at, Payment.created_at)
    younger_than = timedelta(0)
    due = []
    for until, wait in _ASK_AGAIN:
        due.append((age >= younger_than) & (age < until) & (silence >= wait))
        younger_than = until
    return list(
        session.execute(
            select(Payment.id).where(
                Payment.external_id.is_not(None),
                Payment.state.in_({*OPEN, PaymentState.ABANDONED, PaymentState.EXPIRED, PaymentState.FAILED}),
                or_(*due),
            )
        ).scalars()
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def receipts_to_refund(session: Session, order_id: UUID) -> list[PaymentEntry]:
    """The receipts of an order that is due a refund; none for any other order."""
    return list(
        session.execute(
            select(PaymentEntry)
            .join(Payment, PaymentEntry.payment_id == Payment.id)
            .join(Order, Payment.order_id == Order.id)
            .where(Order.id == order_id, Order.state == OrderState.REFUND_DUE, PaymentEntry.kind == "receipt")
        ).scalars()
    )
