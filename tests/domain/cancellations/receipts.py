"""Paid orders whose units are to be cancelled, and what a registry says of that."""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation
from app.domain.cancellations.queries import cancellations_of
from app.domain.payments.record_snapshot import record_snapshot
from app.integrations.gateways.interface import PayState
from app.integrations.registry.interface import Attestation, SerialRange
from app.integrations.registry.interface import Cancellation as Receipt
from tests.domain.payments.attempts import SOON, make_payment, snapshot
from tests.factories import NOW, make_offer, make_orders, make_provider

PREFIX = "SAMPLE-MW-2025"


def open_cancellations_of(session: Session, *quantities: int, stock: int = 100) -> list[Cancellation]:
    """A paid order with a line of each quantity, no two the same; its cancellations in that order."""
    provider = make_provider(session)
    offers = {make_offer(session, provider=provider, quantity=stock): quantity for quantity in quantities}
    (order,) = make_orders(session, offers).orders
    payment = make_payment(session, order)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    session.flush()
    return sorted(cancellations_of(session, order.id), key=lambda each: quantities.index(each.quantity))


def span(start: int, end: int, *, prefix: str = PREFIX, count: int | None = None) -> SerialRange:
    count = end - start + 1 if count is None else count
    return SerialRange(prefix, start, end, count, f"{prefix}-{start}-{end}")


def accepted(cancellation: Cancellation, **fields: Any) -> Receipt:
    """The registry has it and has not done it yet."""
    receipt = Receipt(
        cancellation_id=f"REGISTRY-{cancellation.id}",
        client_reference=cancellation.client_reference,
        mandate_id=cancellation.mandate_id,
        quantity=cancellation.quantity,
        status="accepted",
        serial_ranges=(),
        completed_at=None,
        attestation=None,
        rejection_code=None,
        rejection_detail=None,
        updated_at=NOW,
    )
    return replace(receipt, **fields)


def completed(cancellation: Cancellation, *spans: SerialRange, **fields: Any) -> Receipt:
    """The registry has done it; with serial numbers of the cancellation's own unless some are given."""
    prefix = f"{PREFIX}-{cancellation.id.hex[:6]}"
    values = {
        "status": "completed",
        "serial_ranges": spans or (span(1, cancellation.quantity, prefix=prefix),),
        "completed_at": SOON,
        "attestation": Attestation("ATT-1", SOON, "https://registry.test/att-1"),
    }
    return accepted(cancellation, **{**values, **fields})


def rejected(cancellation: Cancellation, **fields: Any) -> Receipt:
    """The registry will not do it."""
    values = {"status": "rejected", "rejection_code": "block_not_available", "rejection_detail": "frozen"}
    return accepted(cancellation, **{**values, **fields})
