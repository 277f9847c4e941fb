"""Reading orders."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.domain.certificates.models import Certificate
from app.domain.mails.models import Mail
from app.domain.orders.models import Order, OrderGroup, OrderState

# Longer than a job's own pauses: only what no job looks after any more.
_FORGOTTEN_AFTER = timedelta(minutes=20)


def order_by_token(session: Session, token: str) -> Order | None:
    """The order whose page this token opens. A trial has none: its page is in its provider's console."""
    return session.execute(
        select(Order).where(Order.token == token, Order.trial.is_(False))
    ).scalar_one_or_none()


def group_by_token(session: Session, token: str) -> OrderGroup | None:
    """The order group whose page this token opens."""
    return session.execute(select(OrderGroup).where(OrderGroup.token == token)).scalar_one_or_none()


def orders_of_address(session: Session, email: str, since: datetime) -> list[Order]:
    """Orders placed with an e-mail address, newest first; letter case does not count."""
    return list(
        session.execute(
            select(Order)
            .where(func.lower(Order.email) == email.lower(), Order.placed_at >= since, Order.trial.is_(False))
            .order_by(Order.placed_at.desc())
            .limit(50)
        ).scalars()
    )


def orders_past_their_hold(session: Session, now: datetime) -> list[UUID]:
    """Orders that should have expired some time ago."""
    return _ids(
        session, Order.state == OrderState.AWAITING_PAYMENT, Order.hold_until < now - _FORGOTTEN_AFTER
    )


def orders_without_certificate(session: Session, now: datetime) -> list[UUID]:
    """Completed orders that still have no finished certificate."""
    finished = select(Certificate.order_id).where(Certificate.pdf_sha256.is_not(None))
    return _ids(
        session,
        Order.state == OrderState.COMPLETED,
        Order.completed_at < now - _FORGOTTEN_AFTER,
        Order.id.not_in(finished),
    )


def orders_to_release(session: Session, now: datetime) -> list[UUID]:
    """Paid orders whose wait is over. Not those of whose review the buyer was told that it is overdue."""
    told = select(Mail.order_id).where(Mail.kind == "review_overdue", Mail.order_id.is_not(None))
    return _ids(
        session,
        Order.state == OrderState.PAID,
        or_(
            Order.released_by.is_not(None),
            and_(Order.release_at < now - _FORGOTTEN_AFTER, Order.id.not_in(told)),
        ),
    )


def orders_past_their_choice(session: Session, now: datetime) -> list[UUID]:
    """Orders whose buyer was to choose between other units and the money, and should have by now."""
    return _ids(
        session, Order.state == OrderState.FULFILMENT_FAILED, Order.answer_by < now - _FORGOTTEN_AFTER
    )


def _ids(session: Session, *conditions: object) -> list[UUID]:
    return list(session.execute(select(Order.id).where(*conditions)).scalars())  # type: ignore[arg-type]
