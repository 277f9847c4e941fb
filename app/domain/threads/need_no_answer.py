"""The provider has read what the buyer wrote, and it asks for nothing."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.queries import locked_order


def need_no_answer(session: Session, order_id: UUID, seen: datetime) -> None:
    """Take the order off those that wait for an answer. The clock of a complaint runs on. The caller commits.

    `seen`: since when the buyer waited on the page that said so; whoever wrote anew after it goes on waiting.
    """
    order = locked_order(session, order_id)
    if order.asked_at == seen:
        order.asked_at = None
