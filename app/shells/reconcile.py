"""Compare everything with the registry, in both directions, without holding a transaction while it is read."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar
from uuid import UUID

import structlog

from app.domain.reconciliation.begin_run import begin_run
from app.domain.reconciliation.compare import (
    Finding,
    cancellations_only_here,
    compare_cancellations,
    compare_mandates,
    compare_offers,
    mandates_only_here,
)
from app.domain.reconciliation.end_run import break_off_run, end_run
from app.domain.reconciliation.models import ReconciliationRun
from app.integrations.errors import NeighbourError
from app.shells.sync_registry import sync_registry
from app.shells.works import Works

log = structlog.get_logger(__name__)
T = TypeVar("T")
_BATCH = 200


def begin_nightly_run(works: Works) -> None:
    """Every night: the run and its job."""
    with works.sessions.begin() as session:
        begin_run(session, works.now())


def reconcile(works: Works, run_id: UUID) -> None:
    """Make one run. A registry that does not answer breaks it off, visibly; the next night tries again."""
    with works.sessions() as session:
        run = session.get_one(ReconciliationRun, run_id)
    if run.ended_at is not None:
        return
    try:
        # Our copy first: what is merely not read yet is no difference.
        sync_registry(works, full=True)
        findings = [*_cancellations(works, run), *_mandates(works, run)]
    except NeighbourError as error:
        with works.sessions.begin() as session:
            break_off_run(session, run_id, f"{type(error).__name__}: {error}", works.now())
        log.warning("reconciliation broken off", error=str(error))
        return
    with works.sessions.begin() as session:
        findings += compare_offers(session)
        ended = end_run(session, run_id, findings, works.now())
    if ended.found:
        log.error("differences with the registry", open=ended.found)


def _cancellations(works: Works, run: ReconciliationRun) -> Iterator[Finding]:
    seen: set[UUID] = set()
    count = 0
    for batch in _batches(works.neighbours.registry.cancellations()):
        for each in batch:
            try:
                seen.add(UUID(each.client_reference))
            except ValueError:
                continue  # not one of our references; the comparison says so
        with works.sessions() as session:
            yield from list(compare_cancellations(session, batch, run.began_at))
        count += len(batch)
        _progress(works, run.id, cancellations=count)
    with works.sessions() as session:
        yield from list(cancellations_only_here(session, seen, run.began_at))


def _mandates(works: Works, run: ReconciliationRun) -> Iterator[Finding]:
    seen: set[str] = set()
    for batch in _batches(works.neighbours.registry.mandates()):
        seen.update(each.mandate_id for each in batch)
        with works.sessions() as session:
            yield from list(compare_mandates(session, batch, run.began_at))
        _progress(works, run.id, mandates=len(seen))
    with works.sessions() as session:
        yield from list(mandates_only_here(session, seen))


def _progress(works: Works, run_id: UUID, **counts: int) -> None:
    with works.sessions.begin() as session:
        run = session.get_one(ReconciliationRun, run_id)
        for name, count in counts.items():
            setattr(run, name, count)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    source = iter(items)
    while batch := list(islice(source, _BATCH)):
        yield batch
