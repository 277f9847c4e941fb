"""The wait of a paid order is over: cancellation begins, if the gateway still says that the money is there."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.cancellations.open_cancellations import open_cancellations
from app.domain.later import defer
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.flag_order import flag_order
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import Payment, PaymentEntry, ReleaseRule
from app.domain.payments.queries import locked_order
from app.domain.payments.record_snapshot import PaymentMismatch, check_snapshot
from app.domain.payments.release_terms import ReleaseTerms, terms_of_order
from app.domain.team.tell_provider import tell_provider
from app.integrations.gateways.interface import PayState, Snapshot

LOOK_AGAIN = timedelta(hours=1)


def release_due(session: Session, order_id: UUID, now: datetime) -> list[Payment] | None:
    """The payments to ask about before the order's units are cancelled now; None while it waits.

    Whom a review is owed by is reminded here, and when its time is over the buyer is told. The order then stays as
    it is until somebody decides; administrators see it. The caller commits, then asks the gateways.
    """
    order = locked_order(session, order_id)
    if order.state != OrderState.PAID or order.release_at is None:
        return None
    terms = terms_of_order(session, order_id)
    if _wait_is_over(order, terms, now):
        return payments_to_confirm(session, order_id)
    if terms.rule == ReleaseRule.REVIEW:
        half = order.release_at - timedelta(hours=terms.hours) // 2
        if now >= order.release_at:
            tell_provider(
                session,
                order.provider,
                "review_due",
                f"{order.id}:over",
                now,
                order_id=order.id,
                stage="over",
            )
            queue_order_mail(session, order, "review_overdue", now)
        elif now >= half:
            tell_provider(
                session,
                order.provider,
                "review_due",
                f"{order.id}:half",
                now,
                order_id=order.id,
                stage="half",
            )
    return None


def begin_release(
    session: Session, order_id: UUID, snapshots: Mapping[UUID, Snapshot], now: datetime
) -> None:
    """Begin the cancellation, or put the order where it belongs if its money is not there as it was.

    `snapshots`: what the gateways have just said, recorded already. The caller commits.
    """
    order = locked_order(session, order_id)
    if order.state != OrderState.PAID or not _wait_is_over(order, terms_of_order(session, order_id), now):
        return
    for payment_id, snapshot in snapshots.items():
        payment = session.get_one(Payment, payment_id)
        if snapshot.state is PayState.PENDING:
            defer(session, "release_order", at=now + LOOK_AGAIN, order_id=order_id)
            return
        if snapshot.state is not PayState.CAPTURED:
            flag_order(session, order, "payment_not_confirmed", now)
            return
        try:
            check_snapshot(payment, snapshot)
        except PaymentMismatch:
            if payment.reason != "mismatch":  # else somebody has looked at it and let the order go on
                payment.reason = "mismatch"
                flag_order(session, order, "payment_mismatch", now)
                return
    open_cancellations(session, order, "begin_cancel", now, person_id=order.released_by)


def payments_to_confirm(session: Session, order_id: UUID) -> list[Payment]:
    """The payments that brought the order money and whose gateway can be asked about it."""
    brought = select(PaymentEntry.payment_id).where(PaymentEntry.kind == "receipt")
    return list(
        session.scalars(
            select(Payment)
            .where(
                Payment.order_id == order_id,
                Payment.external_id.is_not(None),
                Payment.gateway != "bank",
                Payment.id.in_(brought),
            )
            .order_by(Payment.created_at, Payment.id)
        )
    )


def _wait_is_over(order: Order, terms: ReleaseTerms, now: datetime) -> bool:
    if order.released_by is not None:
        return True
    return terms.rule != ReleaseRule.REVIEW and order.release_at is not None and now >= order.release_at
