"""Find what no job looks after any more and ask for it again: nothing paid is ever forgotten."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.cancellations.queries import forgotten_cancellations
from app.domain.later import defer, waited_for
from app.domain.mails.queries import forgotten_mails
from app.domain.orders.queries import orders_past_their_hold, orders_without_certificate
from app.domain.payments.queries import payments_to_ask_about
from app.domain.payments.refunds.queries import orders_without_refund, refunds_left_alone, refunds_to_mind
from app.shells.works import Works


def sweep(works: Works) -> None:
    """Defer one job for each thing that has waited longer than its own job would have let it."""
    now = works.now()
    with works.sessions.begin() as session:
        for payment_id in _left_alone(session, "look_at_payment", payments_to_ask_about(session, now)):
            defer(session, "look_at_payment", payment_id=payment_id)
        for cancellation_id in _left_alone(
            session, "request_cancellation", forgotten_cancellations(session, now)
        ):
            defer(session, "request_cancellation", cancellation_id=cancellation_id)
        for order_id in _left_alone(session, "expire_order", orders_past_their_hold(session, now)):
            defer(session, "expire_order", order_id=order_id)
        for order_id in _left_alone(session, "issue_certificate", orders_without_certificate(session, now)):
            defer(session, "issue_certificate", order_id=order_id)
        for order_id in _left_alone(session, "refund_order", orders_without_refund(session, now)):
            defer(session, "refund_order", order_id=order_id)
        for refund_id in _left_alone(session, "refund", refunds_left_alone(session, now)):
            defer(session, "refund", refund_id=refund_id)
        for refund_id in _left_alone(session, "mind_refund", refunds_to_mind(session, now)):
            defer(session, "mind_refund", refund_id=refund_id)
        for mail_id in _left_alone(session, "send_mail", forgotten_mails(session, now)):
            defer(session, "send_mail", mail_id=mail_id)


def _left_alone(session: Session, task: str, found: Iterable[UUID]) -> list[UUID]:
    """Those for which no such job waits: while a neighbour is away, every minute would add one more."""
    waiting = waited_for(session, task)
    return [each for each in found if str(each) not in waiting]
