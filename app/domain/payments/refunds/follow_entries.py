"""What the ledger has just learned closes the refund that it belongs to, or opens it again."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.orders.models import OrderState
from app.domain.payments.models import Payment
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.refunds.hand_over import hand_over
from app.domain.payments.refunds.states import OPEN, TO_SEND, step
from app.integrations.gateways.interface import Entry

# Of several that fit, the one that is furthest on its way.
_FIRST = (
    RefundState.SUBMITTED,
    RefundState.IN_TRANSIT,
    RefundState.SENT,
    RefundState.BY_HAND,
    RefundState.FAILED,
    RefundState.REQUESTED,
)
_BY_HAND = TO_SEND | {RefundState.SENT}


def follow_entries(session: Session, payment: Payment, added: Iterable[Entry], now: datetime) -> None:
    """Entries that are new in the ledger. One that fits no refund was started outside: it is a note in the trail.

    The caller holds the order's lock and commits.
    """
    for entry in added:
        if entry.kind == "refund":
            refund = _belongs_to(session, payment, entry)
            if refund is not None:
                finish(session, refund, entry.external_id, "shown", now)
        elif entry.kind == "refund_failed":
            for refund in refunds_of(session, payment.order_id):
                if refund.external_id == entry.external_id and refund.state == RefundState.DONE:
                    step(session, refund, "fail", now, external_id=entry.external_id)
                    refund.external_id = None
                    hand_over(session, refund, "refund_failed", now)


def finish(
    session: Session, refund: Refund, external_id: str, how: str, now: datetime, *, actor: str = "platform"
) -> None:
    """The money is with the buyer. `how`: shown | confirmed | silence. Buyers of orders that go on are told."""
    refund.external_id = external_id
    step(session, refund, "finish", now, actor=actor, how=how, external_id=external_id)
    order = refund.order
    if order.state == OrderState.REFUND_DUE or not order.email or how == "confirmed":
        return
    queue_mail(
        session,
        "refund_done",
        once=f"refund_done:{refund.id}:{external_id}",
        to=order.email,
        language=order.language,
        now=now,
        order_id=order.id,
        context={"refund_id": str(refund.id)},
    )


def _belongs_to(session: Session, payment: Payment, entry: Entry) -> Refund | None:
    """By payment and amount; a refund by hand may leave another account than the one that had been paid."""
    amount = entry.amount
    open_ones = sorted(
        (
            each
            for each in refunds_of(session, payment.order_id)
            if each.state in OPEN and each.currency == amount.currency
        ),
        key=lambda each: (each.payment_id != payment.id, _FIRST.index(each.state)),
    )
    mine = [each for each in open_ones if each.payment_id == payment.id or each.state in _BY_HAND]
    exact = [each for each in mine if each.amount_minor == amount.minor]
    if exact:
        return exact[0]
    by_hand = [each for each in mine if each.state in _BY_HAND]
    return by_hand[0] if len(by_hand) == 1 and by_hand[0].amount_minor < amount.minor else None
