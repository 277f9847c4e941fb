"""Read activities and mandates from the registry into the catalogue: all of them, or what has changed."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.catalogue.progress import read_since, record_failure, record_progress
from app.domain.catalogue.store import store_activity, store_mandate
from app.integrations.errors import NeighbourError
from app.shells.works import Works

_BATCH = 100  # rows a transaction: short locks, and a broken reading keeps what it has read


def sync_registry(works: Works, *, full: bool) -> dict[str, int]:
    """How many activities and mandates were read. Raises TryAgain when the registry does not answer."""
    registry = works.neighbours.registry
    # Activities first: a mandate's block points at its activity.
    return {
        "activities": _read(works, "activities", registry.activities, store_activity, full=full),
        "mandates": _read(works, "mandates", registry.mandates, store_mandate, full=full),
    }


def _read(
    works: Works,
    resource: str,
    fetch: Callable[[datetime | None], Iterable[Any]],
    store: Callable[[Session, Any, datetime], None],
    *,
    full: bool,
) -> int:
    with works.sessions.begin() as session:
        since = read_since(session, resource, full=full)
    count, newest, batch = 0, None, []
    try:
        for item in fetch(since):
            batch.append(item)
            count += 1
            newest = item.updated_at if newest is None else max(newest, item.updated_at)
            if len(batch) == _BATCH:
                _store(works, store, batch)
                batch = []
    except NeighbourError as error:
        with works.sessions.begin() as session:
            record_failure(session, resource, str(error))
        raise
    _store(works, store, batch)
    with works.sessions.begin() as session:
        record_progress(session, resource, works.now(), newest=newest, items=count, full=since is None)
    return count


def _store(works: Works, store: Callable[[Session, Any, datetime], None], batch: list[Any]) -> None:
    with works.sessions.begin() as session:
        for item in batch:
            store(session, item, works.now())
