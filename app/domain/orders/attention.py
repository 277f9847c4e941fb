"""Orders that need a person, for administrators."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.orders.models import Order, OrderState
from app.domain.payments.disputes import disputed_orders
from app.domain.payments.models import Payment, PaymentEntry, ReleaseRule

AT_MOST = 200


def for_a_person(now: datetime) -> ColumnElement[bool]:
    """What is true of an order that no rule can decide about, or whose provider has let the time for its review pass."""
    reviewed = (
        select(Payment.id)
        .join(PaymentEntry, PaymentEntry.payment_id == Payment.id)
        .where(
            Payment.order_id == Order.id,
            PaymentEntry.kind == "receipt",
            Payment.release_rule == ReleaseRule.REVIEW,
        )
    )
    return or_(
        Order.state == OrderState.NEEDS_ATTENTION,
        and_(
            Order.state == OrderState.PAID,
            Order.release_at <= now,
            Order.released_by.is_(None),
            exists(reviewed),
        ),
    )


def orders_for_a_person(session: Session, now: datetime) -> Sequence[Order]:
    """Orders that no rule could decide about, and those whose provider has let the time for its review pass.

    The oldest first: they have waited longest.
    """
    return session.scalars(
        select(Order)
        .where(for_a_person(now))
        .options(joinedload(Order.provider), selectinload(Order.lines))
        .order_by(Order.placed_at, Order.id)
        .limit(AT_MOST)
    ).all()


def orders_in_dispute(session: Session) -> Sequence[Order]:
    """Orders of whose money a dispute holds something: between buyer and provider, but worth knowing of."""
    ids = disputed_orders(session, AT_MOST)
    return session.scalars(
        select(Order)
        .where(Order.id.in_(ids))
        .options(joinedload(Order.provider), selectinload(Order.lines))
        .order_by(Order.placed_at.desc(), Order.id)
    ).all()


def order_for_administrators(session: Session, number: str) -> Order | None:
    """Any order by its number."""
    return session.scalars(
        select(Order).where(Order.number == number).options(joinedload(Order.provider))
    ).one_or_none()
