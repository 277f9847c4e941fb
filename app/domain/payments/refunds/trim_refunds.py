"""Refunds that nobody has sent yet shrink with what is there to give back: money may leave by other ways."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.orders.models import Order
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.balance import net_by_payment, open_refunds, to_give_back
from app.domain.payments.refunds.states import TO_SEND, step

_MAY_SHRINK = TO_SEND | {RefundState.REQUESTED}


def trim_refunds(session: Session, order: Order, now: datetime) -> None:
    """Cut open refunds down to what is left, the oldest first; nothing left: the refund is withdrawn.

    What the gateway or the provider may have sent already keeps its amount. The caller holds the order's lock.
    """
    session.flush()
    refunds = open_refunds(session, order.id)
    if not refunds:
        return
    left = to_give_back(session, order)
    fixed = [each for each in refunds if each.state not in _MAY_SHRINK]
    for each in fixed:
        if each.state == RefundState.IN_TRANSIT and _all_gone(session, each):
            step(session, each, "withdraw", now, reason="nothing_left")
        else:
            left[each.currency] -= each.amount_minor
    for each in refunds:
        if each in fixed:
            continue
        minor = min(each.amount_minor, max(left[each.currency], 0))
        left[each.currency] -= minor
        if minor == 0:
            step(session, each, "withdraw", now, reason="nothing_left")
        elif minor < each.amount_minor:
            _shrink(session, each, minor, now)


def _all_gone(session: Session, refund: Refund) -> bool:
    """Nothing of the payment is at the provider any more, so nothing of it can be under way."""
    return net_by_payment(session, refund.order_id)[refund.payment_id, refund.currency] <= 0


def _shrink(session: Session, refund: Refund, minor: int, now: datetime) -> None:
    was, refund.amount_minor = refund.amount, minor
    record(
        session,
        Event.REFUND_SHRUNK,
        "refund",
        refund.id,
        now,
        order_id=refund.order_id,
        before=str(was),
        after=str(refund.amount),
    )
