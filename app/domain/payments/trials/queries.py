"""Reading trials and the accounts that they try out."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.payments.models import Payment, ProviderPayeeAccount


def account_tried_by(session: Session, order_id: UUID) -> ProviderPayeeAccount:
    """The account that a trial pays to. All its attempts do, the first of which came with the order."""
    return session.scalars(
        select(ProviderPayeeAccount)
        .join(Payment, Payment.account_id == ProviderPayeeAccount.id)
        .where(Payment.order_id == order_id)
        .order_by(Payment.created_at, Payment.id)
        .limit(1)
    ).one()


def latest_trials(session: Session, account_ids: Collection[UUID]) -> Mapping[UUID, Order]:
    """The last trial of each of these accounts, by the account's id."""
    rows = session.execute(
        select(Payment.account_id, Order)
        .join(Order, Payment.order_id == Order.id)
        .where(Payment.account_id.in_(account_ids), Order.trial)
        .ext(distinct_on(Payment.account_id))
        .order_by(Payment.account_id, Order.placed_at.desc(), Order.id)
    )
    return {account_id: order for account_id, order in rows}  # noqa: C416 (a row is no pair to mypy)


def own_trial(session: Session, provider_id: UUID, number: str) -> Order | None:
    """One of the provider's trials by its number; None for anybody else's, and for what is no trial."""
    return session.scalars(
        select(Order).where(Order.provider_id == provider_id, Order.number == number, Order.trial)
    ).one_or_none()
