"""The buyer says that an order is paid which nobody has confirmed."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.orders.models import Order
from app.domain.payments.bank.dates import add_bank_days
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.bank.queries import tolerated_shortfall, transfer_of
from app.domain.payments.claims.escalate_claim import escalate
from app.domain.payments.claims.queries import (
    CLAIMABLE,
    NOT_RECEIVED,
    claim_of,
    claim_possible_from,
    zone_of,
)
from app.domain.payments.claims.tell import tell_buyer
from app.domain.payments.queries import locked_order, net_paid
from app.domain.payments.refund_models import PaymentClaim
from app.domain.settings.queries import number
from app.domain.team.tell_provider import tell_provider


class NothingToClaim(Exception):
    """The order is not paid by transfer, or waits for no money (any more)."""


class TooEarly(Exception):
    """Money that was sent may still be on its way."""


def claim_paid(session: Session, order_id: UUID, note: str | None, now: datetime) -> PaymentClaim:
    """Ask the provider, who owes an answer within three bank days. Again while it waits: another note.

    After "it has not come" one word stands against another: administrators are told at once. The hold stays as it is,
    but the order does not expire before the answer is due. NothingToClaim, TooEarly. The caller commits.
    """
    order = locked_order(session, order_id)
    transfer = transfer_of(session, order_id)
    missing = order.total_minor - net_paid(session, order)
    if transfer is None or order.state not in CLAIMABLE or missing <= tolerated_shortfall(session, order.id):
        raise NothingToClaim
    if now < claim_possible_from(session, transfer):
        raise TooEarly
    claim = claim_of(session, order_id)
    if claim is not None and claim.answer != NOT_RECEIVED:
        claim.note = note or claim.note
        return claim
    answer_by = _answer_by(session, order, zone_of(session, transfer), now)
    disagreed = claim is not None
    if claim is None:
        claim = PaymentClaim(order_id=order.id, opened_at=now, note=note, answer_by=answer_by)
        session.add(claim)
    else:
        claim.opened_at, claim.note, claim.answer_by = now, note, answer_by
        claim.answer = claim.answer_note = claim.answered_at = claim.answered_by = claim.escalated_at = None
    session.flush()
    record(
        session,
        Event.PAYMENT_CLAIMED,
        "order",
        order.id,
        now,
        order_id=order.id,
        actor="buyer",
        answer_by=answer_by.isoformat(),
    )
    _tell(session, order, transfer, claim, now)
    if disagreed:
        escalate(session, order, claim, now)
    return claim


def _answer_by(session: Session, order: Order, zone: ZoneInfo, now: datetime) -> datetime:
    """The end of the last bank day to answer, the third as long as nobody has changed it, where the provider is."""
    days = number(session, "claim_answer_bank_days")
    last = add_bank_days(now.astimezone(zone).date(), days, order.currency)
    return datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)


def _tell(session: Session, order: Order, transfer: BankTransfer, claim: PaymentClaim, now: datetime) -> None:
    tell_provider(
        session,
        transfer.account.provider,
        "claim_to_answer",
        f"{order.id}:{claim.opened_at.isoformat()}",
        now,
        order_id=order.id,
        answer_by=claim.answer_by.isoformat(),
    )
    tell_buyer(session, "claim_opened", order, claim, now)
