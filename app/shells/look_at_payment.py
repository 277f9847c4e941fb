"""Ask the gateway how a payment stands, and take the money once the registry is ready to cancel.

Authorise → registry pre-flight → capture: a buyer is not charged for units that cannot be cancelled.
"""

from uuid import UUID

import structlog
from sqlalchemy.orm import Session, joinedload

from app.domain.catalogue.store import store_mandate
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.orders.models import Order, OrderLine
from app.domain.payments.ask_capture import (
    PreflightRefused,
    ask_capture,
    check_preflight,
    refuse_capture,
    waited_too_long,
)
from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.models import Payment
from app.domain.payments.payees.give_up_attempt import give_up_attempt
from app.domain.payments.record_checkout import record_refusal
from app.domain.payments.record_snapshot import Next, record_snapshot
from app.integrations.errors import Refused, TryAgain
from app.integrations.gateways.interface import PayeeProblem, Snapshot
from app.integrations.registry.interface import Mandate
from app.logs import about_order
from app.shells.works import Works

# In one question to the database: it is asked for every open payment, again and again.
_WHAT_A_LOOK_NEEDS = (
    joinedload(Payment.account),
    joinedload(Payment.order).joinedload(Order.lines).joinedload(OrderLine.offer),
)

log = structlog.get_logger(__name__)


def look_at_payment(works: Works, payment_id: UUID) -> None:
    """One look, and everything that follows from it. Safe to repeat at any time.

    Raises TryAgain or OutcomeUnknown when a neighbour did not answer: look again later.
    """
    with works.sessions() as session:
        payment = session.get_one(Payment, payment_id, options=_WHAT_A_LOOK_NEEDS)
        if payment.external_id is None:
            return  # the buyer was never sent to the gateway: there is nothing to see there
        about_order(payment.order.number)
        attempt = attempt_of(payment, works.settings.public_url)
        account = account_of(payment.account, works.sealer)
        mandate_ids = sorted({line.offer.mandate_id for line in payment.order.lines})
    gateway = works.neighbours.gateways[payment.gateway]
    try:
        snapshot = gateway.fetch(attempt, account)
    except PayeeProblem as problem:
        # The credentials open nothing any more; what was captured is seen once they do again.
        with works.sessions.begin() as session:
            give_up_attempt(session, payment_id, problem.code, works.now())
        return
    asked = _record(works, payment_id, snapshot)
    if asked is Next.CAPTURE and not _registry_is_ready(works, payment_id, mandate_ids):
        asked = _record(works, payment_id, snapshot)
        if asked is Next.CAPTURE:
            return  # decided on by another job in the meantime
    if asked is Next.AGAIN:
        raise TryAgain("not_found_yet", payment.gateway)
    if asked is Next.RELEASE and gateway.releases:
        _record(works, payment_id, gateway.release(attempt, account, key=f"{payment_id}:release"))
    if asked is not Next.CAPTURE:
        return
    try:
        snapshot = gateway.capture(attempt, account, key=f"{payment_id}:capture")
    except Refused as refusal:
        with works.sessions.begin() as session:
            payment = record_refusal(session, payment_id, refusal, works.now())
            if payment.superseded_at is None:
                queue_order_mail(
                    session, payment.order, "payment_failed", works.now(), payment_id=str(payment_id)
                )
        return
    _record(works, payment_id, snapshot)


def _record(works: Works, payment_id: UUID, snapshot: Snapshot) -> Next:
    """In a transaction of its own. What does not fit is an alarm: an error in the log, once."""
    with works.sessions.begin() as session:
        asked = record_snapshot(session, payment_id, snapshot, works.now())
    if asked is Next.ALARM:
        log.error("payment is not what was asked for", payment=str(payment_id))
    return asked


def _registry_is_ready(works: Works, payment_id: UUID, mandate_ids: list[str]) -> bool:
    """Pre-flight. True when every unit can be cancelled now and the capture has been decided."""
    try:
        mandates = {mandate_id: works.neighbours.registry.mandate(mandate_id) for mandate_id in mandate_ids}
    except Refused as refusal:
        with works.sessions.begin() as session:
            refuse_capture(session, payment_id, refusal.code, works.now())
        return False
    except TryAgain:
        with works.sessions.begin() as session:
            if not waited_too_long(session, payment_id, works.now()):
                raise
            refuse_capture(session, payment_id, "registry_away", works.now())
        return False
    with works.sessions.begin() as session:
        for mandate in mandates.values():
            store_mandate(session, mandate, works.now())
        return _decide(session, works, payment_id, mandates)


def _decide(session: Session, works: Works, payment_id: UUID, mandates: dict[str, Mandate]) -> bool:
    payment = session.get_one(Payment, payment_id, options=_WHAT_A_LOOK_NEEDS)
    try:
        check_preflight(payment.order, mandates)
    except PreflightRefused as refused:
        refuse_capture(session, payment_id, refused.code, works.now())
        return False
    return ask_capture(session, payment_id, works.now())
