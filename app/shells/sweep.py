"""Find what no job looks after any more and ask for it again: nothing paid is ever forgotten."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.domain.cancellations.queries import forgotten_cancellations, overdue_cancellations
from app.domain.cancellations.tell_overdue import tell_overdue
from app.domain.later import defer, waited_for
from app.domain.mails.queries import forgotten_mails
from app.domain.offers.planned_changes import changes_past_due
from app.domain.orders.queries import (
    orders_past_their_choice,
    orders_past_their_hold,
    orders_to_release,
    orders_without_certificate,
)
from app.domain.payments.claims.escalate_claim import escalate_claim
from app.domain.payments.claims.queries import overdue_claims
from app.domain.payments.payees.queries import accounts_to_probe, changes_to_apply
from app.domain.payments.queries import payments_to_ask_about
from app.domain.payments.refunds.queries import orders_without_refund, refunds_left_alone, refunds_to_mind
from app.domain.payments.retry_unmatched import retry_unmatched
from app.domain.tax_documents.queries import unprinted_documents
from app.domain.threads.escalate_complaint import escalate_complaint
from app.domain.threads.open_late_complaint import open_late_complaint
from app.domain.threads.queries import late_certificates, overdue_complaints, settled_complaints
from app.domain.threads.settle_complaint import settle_complaint
from app.shells.works import Works

log = structlog.get_logger(__name__)


_Find = Callable[[Session, datetime], Iterable[UUID]]
# The job, the name of its one argument, and what it is to be asked for once more.
FORGOTTEN: tuple[tuple[str, str, _Find], ...] = (
    ("look_at_payment", "payment_id", payments_to_ask_about),
    ("request_cancellation", "cancellation_id", forgotten_cancellations),
    ("expire_order", "order_id", orders_past_their_hold),
    ("release_order", "order_id", orders_to_release),
    ("end_choice", "order_id", orders_past_their_choice),
    ("issue_certificate", "order_id", orders_without_certificate),
    ("refund_order", "order_id", orders_without_refund),
    ("refund", "refund_id", refunds_left_alone),
    ("mind_refund", "refund_id", refunds_to_mind),
    ("probe_account", "account_id", accounts_to_probe),
    ("apply_payee_change", "change_id", changes_to_apply),
    ("apply_offer_change", "change_id", changes_past_due),
    ("print_tax_document", "document_id", unprinted_documents),
    ("send_mail", "mail_id", forgotten_mails),
)

_Do = Callable[[Session, UUID, datetime], bool]
# Whose time has come: what is done about each, in a transaction of its own, as an order is locked for it.
DUE: tuple[tuple[_Find, _Do], ...] = (
    (overdue_claims, escalate_claim),
    (lambda session, _now: settled_complaints(session), settle_complaint),
    (late_certificates, open_late_complaint),
    (overdue_complaints, escalate_complaint),
)


def sweep(works: Works) -> None:
    """Defer one job for each thing that has waited longer than its own job would have let it.

    A registry that has confirmed nothing for an hour is an alarm: an error in the log, every minute.
    """
    now = works.now()
    with works.sessions.begin() as session:
        retry_unmatched(session, now)
        tell_overdue(session, now)
        overdue, since = overdue_cancellations(session, now)
        for task, argument, find in FORGOTTEN:
            for subject in _left_alone(session, task, find(session, now)):
                defer(session, task, at=None, **{argument: subject})
        due = [(do, subject) for find, do in DUE for subject in find(session, now)]
    for do, subject in due:
        with works.sessions.begin() as session:
            do(session, subject, now)
    if since is not None:
        log.error("cancellations wait for the registry", orders=overdue, since=since.isoformat())


def _left_alone(session: Session, task: str, found: Iterable[UUID]) -> list[UUID]:
    """Those for which no such job waits: while a neighbour is away, every minute would add one more."""
    waiting = waited_for(session, task)
    return [each for each in found if str(each) not in waiting]
