"""A person decides about an order for which there was no rule: it goes on, or it ends."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.cancellations.models import CancellationState
from app.domain.cancellations.queries import cancellations_of
from app.domain.later import defer
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.hold import hold_again
from app.domain.orders.models import Order, OrderState
from app.domain.orders.release_order import refuse_order, release_order
from app.domain.orders.states import step
from app.domain.payments.bank.queries import tolerated_shortfall
from app.domain.payments.begin_or_wait import begin_or_wait
from app.domain.payments.lose_payment import TO_PAY_THE_REST
from app.domain.payments.models import Payment, PaymentEntry, ReleaseRule
from app.domain.payments.queries import net_paid
from app.domain.payments.refunds.request_refunds import request_refunds
from app.domain.payments.release_terms import terms_of_order
from app.domain.people.reasons import given_reason
from app.integrations.gateways.interface import INCOMING


class Act(StrEnum):
    """What an administrator may decide."""

    CLEAR = "clear"  # the order goes on
    REJECT = "reject"  # the order ends; what was paid goes back


class NotAllowed(Exception):
    """This cannot be decided about the order as it stands now."""


# Reasons about the payment alone. Of the others the buyer was told that the money goes back, or units may be gone.
_CAN_GO_ON = frozenset({"payment_mismatch", "payment_not_confirmed"})


def allowed_acts(session: Session, order: Order, now: datetime) -> frozenset[Act]:
    """What may be decided. Nothing, once the registry has cancelled some of the units or may have."""
    if is_overdue(session, order, now):
        return frozenset(Act)
    if order.state != OrderState.NEEDS_ATTENTION:
        return frozenset()
    asked = {each.state for each in cancellations_of(session, order.id)}
    if asked - {CancellationState.REFUSED}:
        return frozenset()
    return frozenset(Act) if order.state_reason in _CAN_GO_ON and not asked else frozenset({Act.REJECT})


def is_overdue(session: Session, order: Order, now: datetime) -> bool:
    """Was the provider to decide about the payment, and has let the time pass?"""
    waits = order.state == OrderState.PAID and order.release_at is not None and order.released_by is None
    return (
        waits
        and order.release_at is not None
        and order.release_at <= now
        and terms_of_order(session, order.id).rule == ReleaseRule.REVIEW
    )


def decide_order(
    session: Session, order: Order, act: Act, reason: str, administrator_id: UUID, now: datetime
) -> None:
    """Do it, in the name of an administrator, who says why. The caller holds the order's lock, and commits.

    Raises ReasonMissing, NotAllowed, and NotAvailable when the order's units are gone: then it can only end.
    """
    said = given_reason(reason)
    if act not in allowed_acts(session, order, now):
        raise NotAllowed(act.value)
    if order.state == OrderState.PAID:
        decide = release_order if act is Act.CLEAR else refuse_order
        decide(session, order, administrator_id, now, actor="administrator", note=said)
    elif act is Act.CLEAR:
        _clear(session, order, said, administrator_id, now)
    else:
        _reject(session, order, said, administrator_id, now)


def _clear(session: Session, order: Order, note: str, administrator_id: UUID, now: datetime) -> None:
    """The units are held again; what is still to be paid is asked for."""
    hold_again(session, order, now)
    by: dict[str, Any] = {"actor": "administrator", "person_id": administrator_id, "note": note}
    if order.total_minor - net_paid(session, order) > tolerated_shortfall(session, order.id):
        step(session, order, "clear_unpaid", now, **by)
        order.paid_at = None
        order.hold_until = now + TO_PAY_THE_REST
        defer(session, "expire_order", at=order.hold_until, order_id=order.id)
    else:
        step(session, order, "clear", now, **by)
        begin_or_wait(session, order, now, fresh=False)
    queue_order_mail(session, order, "order_cleared", now)


def _reject(session: Session, order: Order, note: str, administrator_id: UUID, now: datetime) -> None:
    by: dict[str, Any] = {"actor": "administrator", "person_id": administrator_id, "note": note}
    came, left = _money(session, order)
    step(session, order, "reject" if came else "reject_unpaid", now, reason="rejected", **by)
    if not came:
        queue_order_mail(session, order, "order_rejected", now)
    elif not left:
        step(session, order, "refund_done", now)
        queue_order_mail(session, order, "refunded", now)
    else:
        queue_order_mail(session, order, "refund_due", now)
        request_refunds(session, order, "rejected", now)


def _money(session: Session, order: Order) -> tuple[bool, bool]:
    """Did any come, and is any of it still with the provider? In whatever currency."""
    rows = session.execute(
        select(PaymentEntry.currency, PaymentEntry.kind, func.sum(PaymentEntry.amount_minor))
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .where(Payment.order_id == order.id)
        .group_by(PaymentEntry.currency, PaymentEntry.kind)
    ).all()
    net: dict[str, int] = {}
    for currency, kind, total in rows:
        net[currency] = net.get(currency, 0) + (int(total) if kind in INCOMING else -int(total))
    return bool(rows), any(amount > 0 for amount in net.values())
