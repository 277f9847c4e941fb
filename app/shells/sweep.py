"""Find what no job looks after any more and ask for it again: nothing paid is ever forgotten."""

from app.domain.cancellations.queries import forgotten_cancellations
from app.domain.later import defer
from app.domain.mails.queries import forgotten_mails
from app.domain.orders.queries import orders_due_refund, orders_past_their_hold, orders_without_certificate
from app.domain.payments.queries import payments_to_ask_about
from app.shells.works import Works


def sweep(works: Works) -> None:
    """Defer one job for each thing that has waited longer than its own job would have let it."""
    now = works.now()
    with works.sessions.begin() as session:
        for payment_id in payments_to_ask_about(session, now):
            defer(session, "look_at_payment", payment_id=payment_id)
        for cancellation_id in forgotten_cancellations(session, now):
            defer(session, "request_cancellation", cancellation_id=cancellation_id)
        for order_id in orders_past_their_hold(session, now):
            defer(session, "expire_order", order_id=order_id)
        for order_id in orders_without_certificate(session, now):
            defer(session, "issue_certificate", order_id=order_id)
        for order_id in orders_due_refund(session, now):
            defer(session, "refund_order", order_id=order_id)
        for mail_id in forgotten_mails(session, now):
            defer(session, "send_mail", mail_id=mail_id)
