"""Record what the registry says of a cancellation: completed with its serial numbers, refused, or still open."""

from datetime import datetime
from itertools import pairwise
from uuid import UUID, uuid4

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation, CancellationState, CancelledRange
from app.domain.cancellations.queries import (
    cancellation_by_registry_id,
    cancellations_of,
    locked_cancellation,
)
from app.domain.cancellations.states import OPEN, step
from app.domain.later import defer
from app.domain.orders.fail_fulfilment import fail_fulfilment
from app.domain.orders.flag_order import flag_order
from app.domain.orders.hold import free_line, spend_units
from app.domain.orders.models import OrderState
from app.domain.orders.states import step as order_step
from app.integrations.registry.interface import Cancellation as Receipt


class ReceiptMismatch(Exception):
    """The registry's receipt is not for what was asked, or its serial ranges do not add up."""


def check_receipt(session: Session, cancellation: Cancellation, receipt: Receipt) -> None:
    """Reference, mandate and quantity are ours; ranges add up and no serial or number was ever seen before.

    Raises ReceiptMismatch.
    """
    if receipt.client_reference != cancellation.client_reference:
        raise ReceiptMismatch(f"reference {receipt.client_reference}")
    if receipt.mandate_id != cancellation.mandate_id:
        raise ReceiptMismatch(f"mandate {receipt.mandate_id}")
    if receipt.quantity != cancellation.quantity:
        raise ReceiptMismatch(f"quantity {receipt.quantity} instead of {cancellation.quantity}")
    if cancellation_by_registry_id(session, receipt.cancellation_id) not in {None, cancellation.id}:
        raise ReceiptMismatch(f"number {receipt.cancellation_id} of another cancellation")
    if receipt.status == "completed":
        _check_serials(session, cancellation, receipt)


def _check_serials(session: Session, cancellation: Cancellation, receipt: Receipt) -> None:
    if receipt.completed_at is None:
        raise ReceiptMismatch("completed without a time")
    if any(span.count != span.end - span.start + 1 or span.count < 1 for span in receipt.serial_ranges):
        raise ReceiptMismatch("a range whose ends and count differ")
    if sum(span.count for span in receipt.serial_ranges) != cancellation.quantity:
        raise ReceiptMismatch("ranges that do not add up to the quantity")
    ordered = sorted(receipt.serial_ranges, key=lambda span: (span.prefix, span.start))
    for left, right in pairwise(ordered):
        if left.prefix == right.prefix and right.start <= left.end:
            raise ReceiptMismatch("ranges that overlap")
    # Two receipts with the same serials at the same moment: one at a time for each prefix.
    for prefix in sorted({span.prefix for span in ordered}):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(prefix, 64))))
    seen_before = or_(
        *(
            and_(
                CancelledRange.prefix == span.prefix,
                CancelledRange.start <= span.end,
                CancelledRange.end >= span.start,
            )
            for span in ordered
        )
    )
    if session.execute(select(CancelledRange.id).where(seen_before).limit(1)).first() is not None:
        raise ReceiptMismatch("serial numbers of another cancellation")


def record_receipt(
    session: Session, cancellation_id: UUID, receipt: Receipt, now: datetime
) -> CancellationState:
    """Record a receipt, as often as it comes, and let the order follow. The caller commits.

    A receipt that does not fit is never recorded as done: the order goes to a person.
    """
    cancellation = locked_cancellation(session, cancellation_id)
    if cancellation.state not in OPEN:
        return cancellation.state
    order = cancellation.line.order
    try:
        check_receipt(session, cancellation, receipt)
    except ReceiptMismatch as mismatch:
        cancellation.problem_code, cancellation.problem_detail = "receipt_mismatch", str(mismatch)
        step(session, cancellation, "lose_sight", now, reason="receipt_mismatch", detail=str(mismatch))
        flag_order(session, order, "receipt_mismatch", now)
        return cancellation.state
    cancellation.registry_id = receipt.cancellation_id
    if receipt.status == "rejected":
        record_refusal(
            session,
            cancellation_id,
            receipt.rejection_code or "rejected",
            receipt.rejection_detail or "",
            now,
        )
        return cancellation.state
    if receipt.status == "accepted":
        if cancellation.state == CancellationState.UNKNOWN:
            step(session, cancellation, "find_open", now)
        return cancellation.state
    cancellation.completed_at = receipt.completed_at
    cancellation.problem_code = cancellation.problem_detail = None
    if receipt.attestation is not None:
        cancellation.attestation_reference = receipt.attestation.reference
        cancellation.attestation_url = receipt.attestation.url
    for span in receipt.serial_ranges:
        session.add(
            CancelledRange(
                id=uuid4(),
                cancellation_id=cancellation.id,
                prefix=span.prefix,
                start=span.start,
                end=span.end,
                count=span.count,
                printed=span.printed,
            )
        )
    step(session, cancellation, "complete", now, registry_id=receipt.cancellation_id)
    spend_units(session, cancellation.line.offer_id, cancellation.quantity, now)
    _follow(session, cancellation, now)
    return cancellation.state


def record_refusal(session: Session, cancellation_id: UUID, code: str, detail: str, now: datetime) -> None:
    """The registry's final no: the units are free again, and the order follows."""
    cancellation = locked_cancellation(session, cancellation_id)
    if cancellation.state not in OPEN:
        return
    cancellation.problem_code, cancellation.problem_detail = code, detail
    step(session, cancellation, "refuse", now, code=code)
    free_line(session, cancellation.line.offer_id, cancellation.quantity)
    _follow(session, cancellation, now)


def record_unknown(session: Session, cancellation_id: UUID, code: str, now: datetime) -> None:
    """The call's outcome is unknown. It is read back by reference before anything is sent again."""
    cancellation = locked_cancellation(session, cancellation_id)
    if cancellation.state in OPEN:
        cancellation.problem_code = code
        step(session, cancellation, "lose_sight", now, code=code)


def _follow(session: Session, cancellation: Cancellation, now: datetime) -> None:
    """The order is completed with its last cancellation; if none came about the buyer chooses other units or gets the
    money back; else a person sees it.
    """
    order = cancellation.line.order
    session.flush()
    states = {each.state for each in cancellations_of(session, order.id)}
    if states & OPEN:
        return
    if states == {CancellationState.COMPLETED}:
        if order.state in {OrderState.CANCELLING, OrderState.NEEDS_ATTENTION}:
            order_step(session, order, "complete", now)
            order.completed_at = now
            defer(session, "issue_certificate", order_id=order.id)
    elif states == {CancellationState.REFUSED} and order.state == OrderState.CANCELLING:
        fail_fulfilment(session, order, cancellation.problem_code, now)
    else:
        flag_order(session, order, "partly_refused", now)
