"""A list of orders as rows for a file: read in batches by key, so that neither memory nor a query grows with it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation, CancellationState, CancelledRange
from app.domain.catalogue.models import Block, Mandate
from app.domain.certificates.models import Certificate
from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderLine
from app.domain.sales.order_list import next_orders, older_than
from app.domain.sales.wanted import Wanted
from app.money import Money

BATCH = 500
# What a row holds, in this order; the names are the file's, in every language. No e-mail address, nothing that opens a page.
COLUMNS = (
    "number",
    "provider",
    "placed_at",
    "paid_at",
    "completed_at",
    "state",
    "method",
    "trial",
    "quantity",
    "currency",
    "total",
    "unit_price",
    "received",
    "given_back",
    "beneficiary_type",
    "beneficiary_country",
    "activities",
    "vintages",
    "serial_ranges",
    "certificate",
    "cancellations",
)
Cell = str | int | datetime | Money | None


@dataclass(frozen=True)
class Batch:
    """Some rows, each with a cell for every column. `last`: where the next batch begins; None: this was the last one."""

    rows: Sequence[tuple[Cell, ...]]
    last: tuple[datetime, UUID] | None


def export_batch(
    session: Session, wanted: Wanted, now: datetime, last: tuple[datetime, UUID] | None = None
) -> Batch:
    """The next rows, newest first, after the order that `last` is the place of."""
    at = [older_than(*last)] if last is not None else []
    orders = next_orders(session, wanted, now, at, BATCH)
    ids = [order.id for order in orders]
    blocks, cancelled = _blocks(session, ids), _cancelled(session, ids)
    certificates = _certificates(session, ids)
    rows = [
        _row(order, blocks[order.id], cancelled[order.id], certificates.get(order.id)) for order in orders
    ]
    end = (orders[-1].placed_at, orders[-1].id) if len(orders) == BATCH else None
    return Batch(rows, end)


def _row(
    order: Order,
    blocks: Sequence[tuple[str, int]],
    cancelled: Sequence[tuple[str, str]],
    certificate: str | None,
) -> tuple[Cell, ...]:
    prices = {line.unit_price_minor for line in order.lines}
    return (
        order.number,
        order.provider.legal_name,
        order.placed_at,
        order.paid_at,
        order.completed_at,
        order.state.value,
        order.method,
        "yes" if order.trial else "no",
        order.quantity,
        order.currency,
        order.total,
        Money(prices.pop(), order.currency) if len(prices) == 1 else None,
        Money(order.received_minor, order.currency),
        Money(order.given_back_minor, order.currency),
        order.beneficiary_type,
        order.beneficiary_country,
        _joined(activity for activity, _ in blocks),
        _joined(str(vintage) for _, vintage in blocks),
        _joined(printed for _, printed in cancelled),
        certificate,
        _joined(registry_id for registry_id, _ in cancelled),
    )


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def _certificates(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Order → the number of its certificate, which all its versions share."""
    rows = session.execute(
        select(Certificate.order_id, Certificate.number).where(
            Certificate.order_id.in_(ids), Certificate.pdf_sha256.is_not(None)
        )
    )
    return {order_id: number for order_id, number in rows}  # noqa: C416 (a row is no pair to mypy)


def _blocks(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, int]]]:
    """Order → activity and vintage of each line."""
    found: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    rows = session.execute(
        select(OrderLine.order_id, Block.activity_ref, Block.vintage)
        .join(Offer, Offer.id == OrderLine.offer_id)
        .join(Mandate, Mandate.mandate_id == Offer.mandate_id)
        .join(Block, Block.block_id == Mandate.block_id)
        .where(OrderLine.order_id.in_(ids))
        .order_by(OrderLine.position)
    )
    for order_id, activity, vintage in rows:
        found[order_id].append((activity, vintage))
    return found


def _cancelled(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    """Order → the registry's id of a cancellation and a range of serial numbers that it took."""
    found: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    rows = session.execute(
        select(OrderLine.order_id, Cancellation.registry_id, CancelledRange.printed)
        .join(Cancellation, Cancellation.order_line_id == OrderLine.id)
        .join(CancelledRange, CancelledRange.cancellation_id == Cancellation.id)
        .where(OrderLine.order_id.in_(ids), Cancellation.state == CancellationState.COMPLETED)
        .order_by(OrderLine.position, CancelledRange.prefix, CancelledRange.start)
    )
    for order_id, registry_id, printed in rows:
        found[order_id].append((registry_id or "", printed))
    return found
