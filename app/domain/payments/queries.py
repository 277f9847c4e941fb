"""Reading payments."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from app.domain.orders.models import Order
from app.domain.payments.models import (
    AccountState,
    Notification,
    Payment,
    PaymentEntry,
    PaymentState,
    ProviderPayeeAccount,
)
from app.domain.payments.states import OPEN
from app.domain.people.models import Provider
from app.integrations.gateways.interface import INCOMING, SHARED_RECEIVERS

# When a gateway is asked by itself, by the age of the attempt: a lost notification is noticed within minutes,
# an abandoned checkout costs little. Then every hour until the hold is long over, then every day.
_ASK_AT = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 60))
_EVERY_HOUR = timedelta(days=3)  # beyond the end of the hold
_EVERY_DAY = timedelta(days=14)  # of age


def locked_payment(session: Session, payment_id: UUID) -> Payment:
    """The payment with its order locked first: everything that decides about an order queues up there.

    Both as they are now; the account comes along, unlocked.
    """
    order_id = select(Payment.order_id).where(Payment.id == payment_id).scalar_subquery()
    order = session.execute(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()
    payment = session.execute(
        select(Payment)
        .where(Payment.id == payment_id)
        .options(joinedload(Payment.account, innerjoin=True))
        .with_for_update(of=Payment)
        .execution_options(populate_existing=True)
    ).scalar_one()
    set_committed_value(payment, "order", order)  # else it would be read once more
    return payment


def locked_order(session: Session, order_id: UUID) -> Order:
    """The order, locked, as it is now."""
    return session.execute(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()


def open_payment_of(session: Session, order_id: UUID) -> Payment | None:
    """The order's attempt that is still under way; there is at most one that no other has taken the place of."""
    return session.execute(
        select(Payment).where(
            Payment.order_id == order_id, Payment.state.in_(OPEN), Payment.superseded_at.is_(None)
        )
    ).scalar_one_or_none()


def open_payments_of(session: Session, order_id: UUID) -> Sequence[Payment]:
    """Every attempt that may yet bring money, the oldest first: also those that the buyer has superseded."""
    return session.scalars(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state.in_(OPEN))
        .order_by(Payment.created_at, Payment.id)
    ).all()


def latest_payment_of(session: Session, order_id: UUID) -> Payment | None:
    """The attempt that was made last, of those that no other has taken the place of."""
    return session.execute(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.superseded_at.is_(None))
        .order_by(Payment.created_at.desc())
        .limit(1)
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
    """The provider's account that can take this currency by this gateway now, and has been tried out."""
    return session.execute(
        select(ProviderPayeeAccount)
        .where(
            ProviderPayeeAccount.provider_id == provider_id,
            ProviderPayeeAccount.gateway == gateway,
            ProviderPayeeAccount.state == AccountState.ACTIVE,
            ProviderPayeeAccount.tested_at.is_not(None),
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


def account_told_of(
    session: Session,
    gateway: str,
    names: AbstractSet[str],
    account_id: UUID | None,
    references: Sequence[str],
    external_ids: Sequence[str],
) -> ProviderPayeeAccount | None:
    """The account that a notification to an address of many is about; None if there is none, or more than one.

    `names`: merchant ids and e-mail addresses of whoever is paid. A notification that names nobody is about the
    account of the payment that it mentions.
    """
    shared = select(ProviderPayeeAccount).where(
        ProviderPayeeAccount.gateway == gateway, ProviderPayeeAccount.mode.in_(SHARED_RECEIVERS)
    )
    named = or_(
        ProviderPayeeAccount.id == account_id,
        func.lower(ProviderPayeeAccount.external_id).in_({name.lower() for name in names}),
    )
    found = list(session.execute(shared.where(named)).scalars())
    if len(found) != 1:
        entries = select(PaymentEntry.payment_id).where(PaymentEntry.external_id.in_(external_ids))
        ours = [UUID(text) for text in references if _is_uuid(text)]
        mentioned = select(Payment.account_id).where(
            or_(Payment.id.in_(ours), Payment.external_id.in_(external_ids), Payment.id.in_(entries))
        )
        found = list(session.execute(shared.where(ProviderPayeeAccount.id.in_(mentioned))).scalars())
    return found[0] if len(found) == 1 else None


def shared_webhook_id(session: Session, gateway: str) -> str:
    """The webhook by which a gateway tells of all accounts that have one in common; "" before there is one."""
    found = session.execute(
        select(ProviderPayeeAccount.webhook_id)
        .where(
            ProviderPayeeAccount.gateway == gateway,
            ProviderPayeeAccount.mode.in_(SHARED_RECEIVERS),
            ProviderPayeeAccount.webhook_id != "",
        )
        .order_by(ProviderPayeeAccount.created_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found or ""


def payments_to_ask_about(session: Session, now: datetime) -> list[UUID]:
    """Attempts that are not over for good, and whose gateway should have been asked again by now."""
    age = now - Payment.created_at
    looked_at = func.coalesce(Payment.looked_at, Payment.created_at)
    hourly = Order.hold_until + _EVERY_HOUR
    due = [(age >= mark) & (looked_at < Payment.created_at + mark) for mark in _ASK_AT]
    due += [
        (age >= _ASK_AT[-1]) & (now < hourly) & (now - looked_at >= timedelta(hours=1)),
        (now >= hourly) & (now - looked_at >= timedelta(days=1)),
    ]
    return list(
        session.execute(
            select(Payment.id)
            .join(Order, Payment.order_id == Order.id)
            .where(
                Payment.external_id.is_not(None),
                Payment.state.in_({*OPEN, PaymentState.ABANDONED, PaymentState.EXPIRED, PaymentState.FAILED}),
                (now < hourly) | (age < _EVERY_DAY),
                or_(*due),
            )
        ).scalars()
    )


def given_up_notifications(session: Session, limit: int = 100) -> list[tuple[Notification, Provider]]:
    """Verified notifications about no payment of ours, newest first, each with whose account it came to."""
    rows = session.execute(
        select(Notification, Provider)
        .join(ProviderPayeeAccount, Notification.account_id == ProviderPayeeAccount.id)
        .join(Provider, ProviderPayeeAccount.provider_id == Provider.id)
        .where(Notification.outcome == "given_up")
        .order_by(Notification.received_at.desc(), Notification.id)
        .limit(limit)
    )
    return [(notification, provider) for notification, provider in rows]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
