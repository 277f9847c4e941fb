"""A provider's own orders: never anybody else's, whatever number is asked for."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderLine, OrderState

_UNDER_WAY = (
    OrderState.PAID,
    OrderState.CANCELLING,
    OrderState.FULFILMENT_FAILED,
    OrderState.REFUND_DUE,
    OrderState.NEEDS_ATTENTION,
)


@dataclass(frozen=True)
class OwnFigures:
    """How a provider's sales stand."""

    left: int  # units of published offers that nobody holds
    waiting: int  # orders that wait for their payment
    under_way: int  # paid, and not finished
    cancelled: int  # units


def latest_orders(session: Session, provider_id: UUID, count: int) -> list[Order]:
    """The provider's newest orders."""
    return list(
        session.scalars(
            select(Order)
            .where(Order.provider_id == provider_id)
            .options(selectinload(Order.lines))
            .order_by(Order.placed_at.desc(), Order.id)
            .limit(count)
        )
    )


def own_order(session: Session, provider_id: UUID, number: str) -> Order | None:
    """One of the provider's orders by its number; None for anybody else's, as for one that is not there."""
    return session.scalars(
        select(Order)
        .where(Order.provider_id == provider_id, Order.number == number)
        .options(selectinload(Order.lines).selectinload(OrderLine.offer))
    ).one_or_none()


def currencies_of(session: Session, provider_id: UUID | None) -> list[str]:
    """The currencies in which a provider sells, or all of them do, in alphabetical order."""
    found = select(Offer.currency).distinct().order_by(Offer.currency)
    return list(
        session.scalars(found if provider_id is None else found.where(Offer.provider_id == provider_id))
    )


def own_figures(session: Session, provider_id: UUID) -> OwnFigures:
    """Counts over the provider's offers and orders; trials are no sales."""
    left, cancelled = session.execute(
        select(
            func.coalesce(func.sum(Offer.left).filter(Offer.state == "published"), 0),
            func.coalesce(func.sum(Offer.cancelled), 0),
        ).where(Offer.provider_id == provider_id)
    ).one()
    waiting, under_way = session.execute(
        select(
            func.count(Order.id).filter(Order.state == OrderState.AWAITING_PAYMENT),
            func.count(Order.id).filter(Order.state.in_(_UNDER_WAY)),
        ).where(Order.provider_id == provider_id, Order.trial.is_(False))
    ).one()
    return OwnFigures(int(left), waiting, under_way, int(cancelled))
