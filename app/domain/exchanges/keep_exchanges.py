"""Keep what went over the wire about an order."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.exchanges.models import Exchange
from app.domain.orders.models import Order
from app.integrations.exchanges import Exchanged


def keep_exchanges(session: Session, number: str, heard: Sequence[Exchanged], now: datetime) -> None:
    """Add a row for each. The same answer to the same question again only moves the last one's time. The caller commits.

    A payment that waits is asked about for days; what is worth reading is what changed.
    """
    order_id = session.scalars(select(Order.id).where(Order.number == number)).one_or_none()
    if order_id is None:
        return
    for each in heard:
        last = _last(session, order_id, each)
        if last is not None and (last.status, last.problem, last.answer) == (
            each.status,
            each.problem,
            each.answer,
        ):
            last.at, last.ms = now, each.ms
            continue
        session.add(
            Exchange(
                id=uuid4(),
                order_id=order_id,
                at=now,
                system=each.system,
                call=each.call,
                status=each.status,
                problem=each.problem,
                ms=each.ms,
                request=each.request,
                answer=each.answer,
            )
        )
        session.flush()


def _last(session: Session, order_id: UUID, like: Exchanged) -> Exchange | None:
    return session.scalars(
        select(Exchange)
        .where(Exchange.order_id == order_id, Exchange.system == like.system, Exchange.call == like.call)
        .order_by(Exchange.at.desc())
        .limit(1)
    ).first()
