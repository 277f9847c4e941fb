"""Reading exchanges."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.exchanges.models import Exchange

_SHOWN = 100


def exchanges_of(session: Session, order_id: UUID) -> Sequence[Exchange]:
    """The newest calls about an order, oldest of them first."""
    found = session.scalars(
        select(Exchange)
        .where(Exchange.order_id == order_id)
        .order_by(Exchange.at.desc(), Exchange.id)
        .limit(_SHOWN)
    ).all()
    return found[::-1]
