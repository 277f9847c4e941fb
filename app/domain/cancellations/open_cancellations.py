"""The point of no return: one cancellation for every line of a paid order, and the job that asks the registry."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.later import defer
from app.domain.orders.models import Order
from app.domain.orders.states import step


def open_cancellations(session: Session, order: Order, now: datetime) -> None:
    """Open the cancellations of a paid order. The registry is asked after the caller's commit, never before.

    A line has at most one cancellation, whatever happens: the table says so.
    """
    step(session, order, "begin_cancel", now)
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
