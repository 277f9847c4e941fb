"""How far the copy of the registry has come."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalogue.models import SyncState

# The registry's clock and its transactions: a change may become visible a little after its time stamp.
OVERLAP = timedelta(minutes=5)


def read_since(session: Session, resource: str, *, full: bool) -> datetime | None:
    """From which moment to read; None reads everything."""
    state = session.get(SyncState, resource)
    if full or state is None or state.seen_until is None:
        return None
    return state.seen_until - OVERLAP


def record_progress(
    session: Session, resource: str, now: datetime, *, newest: datetime | None, items: int, full: bool
) -> None:
    """A reading has come to its end."""
    state = _state(session, resource)
    if newest is not None and (state.seen_until is None or newest > state.seen_until):
        state.seen_until = newest
    state.last_ok_at = now
    state.last_items = items
    state.last_error = None
    if full:
        state.last_full_at = now


def record_failure(session: Session, resource: str, error: str) -> None:
    """A reading failed; what was read before stays."""
    _state(session, resource).last_error = error


def last_readings(session: Session) -> list[SyncState]:
    """One row a resource, for whoever looks after the platform."""
    return list(session.execute(select(SyncState).order_by(SyncState.resource)).scalars())


def _state(session: Session, resource: str) -> SyncState:
    state = session.get(SyncState, resource)
    if state is None:
        state = SyncState(resource=resource, last_items=0)
        session.add(state)
    return state
