"""Somebody takes a list of orders away as a file: the trail knows who, which and how many."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.sales.order_list import count_orders
from app.domain.sales.wanted import Wanted


def note_export(
    session: Session,
    wanted: Wanted,
    file_format: str,
    person_id: UUID,
    now: datetime,
    *,
    actor: str,
) -> int:
    """Write into the trail who takes which orders away as a file, and how many there are now. The caller commits."""
    rows = count_orders(session, wanted, now)
    filters = {
        name: str(value)
        for name, value in vars(wanted).items()
        if value is not None and name != "provider_id"
    }
    record(
        session,
        Event.ORDERS_EXPORTED,
        "provider" if wanted.provider_id else "platform",
        wanted.provider_id or "orders",
        now,
        actor=actor,
        person_id=person_id,
        format=file_format,
        rows=rows,
        filters=filters,
    )
    return rows
