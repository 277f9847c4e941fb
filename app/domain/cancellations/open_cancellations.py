"""The point of no return: one cancellation for every line of a paid order, and the job that asks the registry."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.later import defer
from app.domain.orders.models import Order
from app.domain.orders.states import step


def open_cancellations(
    session: Session, order: Order, name: str, now: datetime, *, actor: str = "platform", **payload: Any
) -> None:
    """Take the order's step `name` into `cancelling` and open a cancellation of each line.

    The registry is asked after the caller's commit, never before. A line has at most one cancellation that is not
    refused, whatever happens: the table says so.
    """
    step(session, order, name, now, actor=actor, **payload)
    order.release_at = None
    for line in order.lines:
        cancellation = Cancellation(
            id=uuid4(),
            order_line_id=line.id,
            mandate_id=line.offer.mandate_id,
            quantity=line.quantity,
            state=CancellationState.SUBMITTED,
            opened_at=now,
        )
        session.add(cancellation)
        defer(session, "request_cancellation", cancellation_id=cancellation.id)
