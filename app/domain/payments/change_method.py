"""Pay an order that waits in another way than was chosen, without paying it twice unawares."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.later import defer
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.models import Consent, Order, OrderState
from app.domain.payments.bank.open_transfer import open_transfer
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.open_payment import MethodUnavailable, NotPayable
from app.domain.payments.queries import locked_order, net_paid, open_payment_of, open_payments_of
from app.domain.payments.states import OPEN, step
from app.domain.payments.ways_to_pay import ways_to_pay
from app.domain.settings.queries import span

_UNDER_WAY = {PaymentState.AUTHORIZED, PaymentState.PENDING}


class ConsentNeeded(Exception):
    """Money of another attempt may yet come. `why`: approved | pending | sent."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class BothMayBeTaken:
    """The buyer's consent: the very words beside the box, their language, and the version of the texts."""

    words: str
    language: str
    version: str


def money_under_way(session: Session, order: Order) -> str | None:
    """Why a second way to pay could take the money twice: approved | pending | sent. None where it could not."""
    states = {payment.state for payment in open_payments_of(session, order.id)}
    if PaymentState.PENDING in states:
        return "pending"
    if PaymentState.AUTHORIZED in states:
        return "approved"
    transfer = transfer_of(session, order.id)
    return "sent" if transfer is not None and transfer.said_sent_at is not None else None


def change_method(
    session: Session,
    order_id: UUID,
    method: str,
    now: datetime,
    *,
    consent: BothMayBeTaken | None = None,
) -> bool:
    """Let the order be paid by `method` from now on. False where it is so already, and nothing stands in the way.

    The open attempt is abandoned and closed at its gateway by a job; one whose money may yet come is superseded, which
    takes the buyer's consent. The units stay held for a transfer until its release, else as long as any order at least; a hold
    that other money may rely on never becomes shorter. NotPayable, MethodUnavailable, ConsentNeeded.
    """
    order = locked_order(session, order_id)
    risk = money_under_way(session, order)
    if order.state != OrderState.AWAITING_PAYMENT or (order.hold_until <= now and risk is None):
        raise NotPayable(order.state.value)
    current = open_payment_of(session, order.id)
    if method == order.method and (current is None or current.state not in _UNDER_WAY):
        return False
    if method not in ways_to_pay(session, order, now):
        raise MethodUnavailable(method)
    if risk is not None and consent is None:
        raise ConsentNeeded(risk)
    before = order.method
    if current is not None:
        _leave(session, current, risk, now)
    order.method = method
    if method == "bank":
        _to_bank(session, order, now)
    elif risk is not None or net_paid(session, order) > 0:
        order.hold_until = max(order.hold_until, now + span(session, "hold_minutes"))
    elif before == "bank":
        order.hold_until = now + span(session, "hold_minutes")
    defer(session, "expire_order", at=order.hold_until, order_id=order.id)
    if risk is not None and consent is not None:
        _keep(session, order, consent, now)
    record(
        session,
        Event.METHOD_CHANGED,
        "order",
        order.id,
        now,
        order_id=order.id,
        actor="buyer",
        before=before,
        after=method,
        under_way=risk,
        attempt=str(current.id) if current is not None else None,
        superseded=current is not None and current.superseded_at is not None,
    )
    return True


def _leave(session: Session, payment: Payment, risk: str | None, now: datetime) -> None:
    """The attempt that was open: superseded where its money may yet come, else given up."""
    sent = payment.gateway == "bank" and risk == "sent"
    if payment.state in _UNDER_WAY or sent:
        payment.superseded_at = now
    else:
        step(session, payment, "abandon", now, reason="method_changed")
        if payment.external_id is not None:
            defer(session, "look_at_payment", payment_id=payment.id)
    session.flush()  # before another takes its place


def _to_bank(session: Session, order: Order, now: datetime) -> None:
    """Freeze the transfer, or go back to the one that there is."""
    held_until = order.hold_until
    transfer = open_transfer(session, order, now)
    if transfer is None:
        raise MethodUnavailable("bank")
    order.hold_until = max(held_until, transfer.release_at)
    earlier = session.execute(
        select(Payment).where(
            Payment.order_id == order.id,
            Payment.account_id == transfer.account_id,
            Payment.superseded_at.is_not(None),
            Payment.state.in_(OPEN),
        )
    ).scalar_one_or_none()
    if earlier is not None:
        earlier.superseded_at = None
    queue_order_mail(session, order, "transfer_instructions", now)


def _keep(session: Session, order: Order, consent: BothMayBeTaken, now: datetime) -> None:
    session.add(
        Consent(
            group_id=order.group_id,
            kind="second_payment",
            text_version=consent.version,
            language=consent.language,
            text_sha256=hashlib.sha256(consent.words.encode()).hexdigest(),
            given_at=now,
        )
    )
