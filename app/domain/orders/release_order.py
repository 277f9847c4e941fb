"""A paid order waits before its units are cancelled: who ends the wait, and how."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.later import defer
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.hold import release_units
from app.domain.orders.models import Order, OrderState
from app.domain.orders.states import step
from app.domain.payments.refunds.request_refunds import request_refunds


class NotWaiting(Exception):
    """The order waits for nobody's decision (any more)."""


def release_order(
    session: Session, order: Order, person_id: UUID, now: datetime, *, actor: str, **said: str
) -> None:
    """A person says that the units may be cancelled now. The caller holds the order's lock, and commits.

    `said`: words of theirs for the trail. The job asks the gateway once more before anything is cancelled. Raises
    NotWaiting.
    """
    _check_waiting(order)
    order.released_by = person_id
    record(
        session,
        Event.ORDER_RELEASED,
        "order",
        order.id,
        now,
        order_id=order.id,
        actor=actor,
        person_id=person_id,
        **said,
    )
    defer(session, "release_order", order_id=order.id)


def refuse_order(
    session: Session, order: Order, person_id: UUID, now: datetime, *, actor: str, **said: str
) -> None:
    """A person says that nothing is cancelled for this payment: the buyer's money goes back, the units are free.

    The caller holds the order's lock, and commits. Raises NotWaiting.
    """
    _check_waiting(order)
    step(session, order, "refuse", now, actor=actor, person_id=person_id, reason="seller_refused", **said)
    order.release_at = None
    release_units(session, order)
    queue_order_mail(session, order, "refund_due", now)
    request_refunds(session, order, "seller_refused", now)


def _check_waiting(order: Order) -> None:
    if order.state != OrderState.PAID or order.release_at is None or order.released_by is not None:
        raise NotWaiting(order.state.value)
