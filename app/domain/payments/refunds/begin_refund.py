"""Decide to ask the gateway for a refund, before it is asked; and what its answer means."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.orders.models import OrderState
from app.domain.payments.models import AccountState
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.hand_over import hand_over
from app.domain.payments.refunds.queries import locked_refund
from app.domain.payments.refunds.settle_refunds import settle_refunds
from app.domain.payments.refunds.states import AT_GATEWAY, step

# PayPal knows our key for 45 days. Before it could take a repeat for another refund, a person looks.
_GIVE_UP_AFTER = timedelta(days=30)
_LOOK_SOON, _LOOK_DAILY = timedelta(hours=1), timedelta(days=1)


def begin_refund(session: Session, refund_id: UUID, now: datetime) -> Refund | None:
    """The refund that the gateway is to be asked for, with the same key on every repeat; None: nothing to ask.

    The caller commits before it asks.
    """
    refund = locked_refund(session, refund_id)
    settle_refunds(session, refund.order, now)
    if refund.state not in AT_GATEWAY or refund.order.state == OrderState.NEEDS_ATTENTION:
        return None  # while a person looks at the order, no money moves
    if refund.payment.account.state == AccountState.REVOKED:
        hand_over(session, refund, "account_revoked", now)
        return None
    if refund.state == RefundState.REQUESTED:
        step(session, refund, "submit", now)
    return refund


def is_too_old(refund: Refund, now: datetime) -> bool:
    """Was the gateway asked so long ago that it may take the same key for a second refund? Then it is only looked at."""
    return now - refund.changed_at >= _GIVE_UP_AFTER


def record_accepted(session: Session, refund_id: UUID, now: datetime) -> None:
    """The gateway has answered, and its snapshot is recorded. Unless that showed the refund, it is under way."""
    refund = locked_refund(session, refund_id)
    if refund.state == RefundState.SUBMITTED:
        step(session, refund, "accept", now)
        settle_refunds(session, refund.order, now)
    if refund.state == RefundState.IN_TRANSIT:
        wait = _LOOK_SOON if now - refund.created_at < _LOOK_DAILY else _LOOK_DAILY
        defer(session, "refund", at=now + wait, refund_id=refund.id)


def record_refusal(session: Session, refund_id: UUID, problem: str, now: datetime) -> None:
    """The gateway's final no: the provider does it."""
    refund = locked_refund(session, refund_id)
    if refund.state in {RefundState.SUBMITTED, RefundState.IN_TRANSIT}:
        hand_over(session, refund, problem, now)
        settle_refunds(session, refund.order, now)
