"""An order has been paid: its units are cancelled now, or when the terms of its payment allow it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.domain.cancellations.open_cancellations import open_cancellations
from app.domain.later import defer
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.models import Order
from app.domain.payments.models import ReleaseRule
from app.domain.payments.release_terms import terms_of_order
from app.domain.payments.trials.end_trial import end_trial
from app.domain.team.tell_provider import tell_provider


def begin_or_wait(session: Session, order: Order, now: datetime, *, fresh: bool = True) -> None:
    """Open the cancellations of an order that has just become paid, or note until when they wait.

    A trial has nothing to cancel: it ends, and its money goes back.
    `fresh`: the gateway said so in this very moment. Otherwise it is asked once more before anything is cancelled.
    """
    order.paid_at = now
    order.released_by = None
    if order.trial:
        end_trial(session, order, now)
        return
    terms = terms_of_order(session, order.id)
    if terms.rule == ReleaseRule.AT_ONCE and fresh:
        open_cancellations(session, order, "begin_cancel", now)
        return
    wait = timedelta(hours=terms.hours)
    order.release_at = now + wait
    defer(session, "release_order", at=order.release_at, order_id=order.id)
    if terms.rule == ReleaseRule.AT_ONCE:
        return
    queue_order_mail(session, order, "release_waits", now)
    if terms.rule == ReleaseRule.REVIEW:
        defer(session, "release_order", at=now + wait // 2, order_id=order.id)
        tell_provider(
            session, order.provider, "review_due", f"{order.id}:asked", now, order_id=order.id, stage="asked"
        )
