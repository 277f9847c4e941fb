"""Find what no job looks after any more and ask for it again: nothing paid is ever forgotten."""

from collections.abc import Iterable
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.domain.cancellations.queries import forgotten_cancellations, overdue_cancellations
from app.domain.cancellations.tell_overdue import tell_overdue
from app.domain.later import defer, waited_for
from app.domain.mails.queries import forgotten_mails
from app.domain.orders.queries import (
    orders_due_refund,
    orders_past_their_choice,
    orders_past_their_hold,
    orders_to_release,
    orders_without_certificate,
)
from app.domain.payments.payees.queries import accounts_to_probe, changes_to_apply
from app.domain.payments.queries import payments_to_ask_about
from app.domain.payments.retry_unmatched import retry_unmatched
from app.shells.works import Works

log = structlog.get_logger(__name__)


def sweep(works: Works) -> None:
    """Defer one job for each thing that has waited longer than its own job would have let it.

    A registry that has confirmed nothing for an hour is an alarm: an error in the log, every minute.
    """
    now = works.now()
    with works.sessions.begin() as session:
        retry_unmatched(session, now)
        tell_overdue(session, now)
        overdue, since = overdue_cancellations(session, now)
        for payment_id in _left_alone(session, "look_at_payment", payments_to_ask_about(session, now)):
            defer(session, "look_at_payment", payment_id=payment_id)
        for cancellation_id in _left_alone(
            session, "request_cancellation", forgotten_cancellations(session, now)
        ):
            defer(session, "request_cancellation", cancellation_id=cancellation_id)
        for order_id in _left_alone(session, "expire_order", orders_past_their_hold(session, now)):
            defer(session, "expire_order", order_id=order_id)
        for order_id in _left_alone(session, "release_order", orders_to_release(session, now)):
            defer(session, "release_order", order_id=order_id)
        for order_id in _left_alone(session, "end_choice", orders_past_their_choice(session, now)):
            defer(session, "end_choice", order_id=order_id)
        for order_id in _left_alone(session, "issue_certificate", orders_without_certificate(session, now)):
            defer(session, "issue_certificate", order_id=order_id)
        for order_id in _left_alone(session, "refund_order", orders_due_refund(session, now)):
            defer(session, "refund_order", order_id=order_id)
        for account_id in _left_alone(session, "probe_account", accounts_to_probe(session, now)):
            defer(session, "probe_account", account_id=account_id)
        for change_id in _left_alone(session, "apply_payee_change", changes_to_apply(session, now)):
            defer(session, "apply_payee_change", change_id=change_id)
        for mail_id in _left_alone(session, "send_mail", forgotten_mails(session, now)):
            defer(session, "send_mail", mail_id=mail_id)
    if since is not None:
        log.error("cancellations wait for the registry", orders=overdue, since=since.isoformat())


def _left_alone(session: Session, task: str, found: Iterable[UUID]) -> list[UUID]:
    """Those for which no such job waits: while a neighbour is away, every minute would add one more."""
    waiting = waited_for(session, task)
    return [each for each in found if str(each) not in waiting]
