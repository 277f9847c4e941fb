"""A buyer is forgotten: what was said about their orders goes, that and when something was said stays."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.threads import states
from app.domain.threads.models import Author, Complaint, ComplaintState, OrderMessage
from app.domain.threads.say import Said, say


def forget_threads(session: Session, order_ids: Sequence[UUID], now: datetime) -> None:
    """Both sides' words go, because they may name the buyer; a complaint that stands is withdrawn. The caller commits."""
    session.execute(
        update(OrderMessage)
        .where(OrderMessage.order_id.in_(order_ids), OrderMessage.author != Author.PLATFORM)
        .values(text="")
    )
    session.execute(update(Order).where(Order.id.in_(order_ids)).values(asked_at=None))
    standing = session.scalars(
        select(Complaint)
        .where(Complaint.order_id.in_(order_ids), Complaint.state != ComplaintState.CLOSED)
        .order_by(Complaint.id)
        .with_for_update()
    )
    for complaint in standing.all():
        states.step(session, complaint, "withdraw", now, actor="buyer")
        say(session, complaint, Said.BUYER_ERASED, now)
    session.execute(update(Complaint).where(Complaint.order_id.in_(order_ids)).values(outcome=None))
