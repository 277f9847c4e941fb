"""What differs between the registry and us. Reads only; nothing is put right by comparing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.cancellations.states import OPEN
from app.domain.catalogue.models import Mandate
from app.domain.offers.models import Offer
from app.domain.orders.models import OrderLine
from app.integrations.registry import interface as registry

# What is on its way may differ: the registry's answer is recorded within minutes, or asked for again.
ON_ITS_WAY = timedelta(hours=1)
# Of such a mandate nothing remains: what was left has gone back to its account, and cannot be told from what was cancelled.
_ENDED = frozenset({"revoked", "expired"})


@dataclass(frozen=True)
class Finding:
    """One difference. `here` and `there` are what each side says; None: it has no such thing."""

    kind: str  # a key of KINDS
    entity_id: str
    here: dict[str, Any] | None
    there: dict[str, Any] | None
    order_id: UUID | None = None


# Kind of difference → what it is about.
KINDS = {
    "cancellation_only_there": "cancellation",
    "cancellation_only_here": "cancellation",
    "cancellation_state": "cancellation",
    "cancellation_content": "cancellation",
    "mandate_only_there": "mandate",
    "mandate_only_here": "mandate",
    "mandate_content": "mandate",
    "mandate_cancelled": "mandate",
    "offer_cancelled": "offer",
    "offer_held": "offer",
}


def compare_cancellations(
    session: Session, batch: Sequence[registry.Cancellation], began_at: datetime
) -> Iterator[Finding]:
    """Cancellations of the registry against ours, by our reference."""
    references = {_uuid(each.client_reference) for each in batch} - {None}
    ours = {
        each.id: each
        for each in session.scalars(
            select(Cancellation)
            .where(Cancellation.id.in_(references))
            .options(joinedload(Cancellation.line), selectinload(Cancellation.serial_ranges))
        )
    }
    for there in batch:
        reference = _uuid(there.client_reference)
        here = ours.get(reference) if reference else None
        if here is None:
            yield Finding("cancellation_only_there", there.cancellation_id, None, _there(there))
        else:
            yield from _one(here, there, began_at)


def cancellations_only_here(session: Session, seen: Iterable[UUID], began_at: datetime) -> Iterator[Finding]:
    """What we say the registry has cancelled, and it does not list. `seen`: our references that it listed."""
    rows = session.scalars(
        select(Cancellation)
        .where(
            Cancellation.state == CancellationState.COMPLETED, Cancellation.opened_at < began_at - ON_ITS_WAY
        )
        .options(joinedload(Cancellation.line), selectinload(Cancellation.serial_ranges))
        .execution_options(yield_per=500)
    )
    known = frozenset(seen)
    for row in rows:
        if row.id not in known:
            yield Finding("cancellation_only_here", str(row.id), _here(row), None, row.line.order_id)


def compare_mandates(
    session: Session, batch: Sequence[registry.Mandate], began_at: datetime
) -> Iterator[Finding]:
    """Mandates of the registry against our copy of them, and against what we cancelled under each.

    What has changed since the run began is left to the next one: we may not have read it yet.
    """
    ids = [each.mandate_id for each in batch]
    ours = {
        each.mandate_id: each for each in session.scalars(select(Mandate).where(Mandate.mandate_id.in_(ids)))
    }
    done, maybe = _cancelled_under(session, ids, began_at)
    for there in batch:
        here = ours.get(there.mandate_id)
        if here is None:
            yield Finding("mandate_only_there", there.mandate_id, None, _mandate(there))
            continue
        said = _mandate(here)
        if said != _mandate(there) and there.updated_at < began_at:
            yield Finding("mandate_content", there.mandate_id, said, _mandate(there))
        used = there.quantity - there.quantity_remaining
        least = done.get(there.mandate_id, 0)
        most = there.quantity if there.status in _ENDED else least + maybe.get(there.mandate_id, 0)
        if not least <= used <= most:
            yield Finding("mandate_cancelled", there.mandate_id, {"cancelled": least}, {"cancelled": used})


def mandates_only_here(session: Session, seen: Iterable[str]) -> Iterator[Finding]:
    """Mandates that we know and the registry does not list."""
    known = frozenset(seen)
    for row in session.scalars(select(Mandate).order_by(Mandate.mandate_id)):
        if row.mandate_id not in known:
            yield Finding("mandate_only_here", row.mandate_id, _mandate(row), None)


def compare_offers(session: Session) -> Iterator[Finding]:
    """Units that an offer counts as cancelled, against the cancellations of its lines; and what it holds."""
    done = (
        select(OrderLine.offer_id, func.sum(Cancellation.quantity).label("units"))
        .join(Cancellation, Cancellation.order_line_id == OrderLine.id)
        .where(Cancellation.state == CancellationState.COMPLETED)
        .group_by(OrderLine.offer_id)
        .subquery()
    )
    units = func.coalesce(done.c.units, 0)
    rows = session.execute(
        select(Offer.id, Offer.cancelled, units)
        .outerjoin(done, done.c.offer_id == Offer.id)
        .where(Offer.cancelled != units)
    )
    for offer_id, counted, cancelled in rows:
        yield Finding(
            "offer_cancelled", str(offer_id), {"counted": counted, "cancelled": int(cancelled)}, None
        )
    short = session.execute(
        select(Offer.id, Offer.held, Mandate.quantity_remaining)
        .join(Mandate, Mandate.mandate_id == Offer.mandate_id)
        .where(Offer.held > Mandate.quantity_remaining)
    )
    for offer_id, held, remaining in short:
        yield Finding("offer_held", str(offer_id), {"held": held}, {"remaining": remaining})


def _one(here: Cancellation, there: registry.Cancellation, began_at: datetime) -> Iterator[Finding]:
    expected = {"completed": CancellationState.COMPLETED, "rejected": CancellationState.REFUSED}
    settled = expected.get(there.status)
    on_its_way = here.state in OPEN and here.opened_at >= began_at - ON_ITS_WAY
    agree = here.state in OPEN if settled is None else here.state == settled
    if not agree and not on_its_way:
        yield Finding("cancellation_state", str(here.id), _here(here), _there(there), here.line.order_id)
        return
    same = (here.mandate_id, here.quantity) == (there.mandate_id, there.quantity)
    if agree and settled == CancellationState.COMPLETED:
        same = same and sorted(each.printed for each in here.serial_ranges) == sorted(
            each.printed for each in there.serial_ranges
        )
    if not same:
        yield Finding("cancellation_content", str(here.id), _here(here), _there(there), here.line.order_id)


def _cancelled_under(
    session: Session, ids: Sequence[str], began_at: datetime
) -> tuple[dict[str, int], dict[str, int]]:
    """Units by mandate: cancelled before the run began; and those of which the registry may know or not yet."""
    settled = func.coalesce(Cancellation.completed_at < began_at, false())
    rows = session.execute(
        select(
            Cancellation.mandate_id,
            func.coalesce(func.sum(Cancellation.quantity).filter(settled), 0),
            func.coalesce(func.sum(Cancellation.quantity).filter(~settled), 0),
        )
        .where(Cancellation.mandate_id.in_(ids), Cancellation.state != CancellationState.REFUSED)
        .group_by(Cancellation.mandate_id)
    ).all()
    return (
        {mandate_id: int(units) for mandate_id, units, _ in rows},
        {mandate_id: int(units) for mandate_id, _, units in rows},
    )


def _here(row: Cancellation) -> dict[str, Any]:
    return {
        "state": row.state.value,
        "quantity": row.quantity,
        "mandate_id": row.mandate_id,
        "serials": [each.printed for each in row.serial_ranges],
    }


def _there(row: registry.Cancellation) -> dict[str, Any]:
    return {
        "state": row.status,
        "quantity": row.quantity,
        "mandate_id": row.mandate_id,
        "serials": [each.printed for each in row.serial_ranges],
        "client_reference": row.client_reference,
    }


def _mandate(row: Mandate | registry.Mandate) -> dict[str, Any]:
    return {
        "account_id": row.account_id,
        "quantity": row.quantity,
        "quantity_remaining": row.quantity_remaining,
        "status": row.status,
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
