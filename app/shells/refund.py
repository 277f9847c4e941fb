"""Give money back from the provider's account, one refund at a time."""

from uuid import UUID

from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.record_snapshot import record_snapshot
from app.domain.payments.refunds.begin_refund import begin_refund, is_too_old, record_accepted, record_refusal
from app.domain.payments.refunds.queries import receipt_of
from app.integrations.errors import Refused
from app.integrations.gateways.interface import Entry
from app.logs import about_order
from app.shells.works import Works


def refund(works: Works, refund_id: UUID) -> None:
    """Ask the gateway, with the refund's own key. Safe to repeat at any time.

    What the gateway cannot do or refuses for good becomes the provider's task. Raises TryAgain or OutcomeUnknown
    to be asked again with the same key.
    """
    with works.sessions.begin() as session:
        row = begin_refund(session, refund_id, works.now())
        if row is None:
            return
        about_order(row.order.number)
        payment_id, gateway = row.payment_id, works.neighbours.gateways[row.payment.gateway]
        attempt = attempt_of(row.payment, works.settings.public_url)
        account = account_of(row.payment.account, works.sealer)
        shown = receipt_of(session, row)
        receipt = Entry("receipt", shown.external_id, shown.amount, shown.at)
        amount, too_old = row.amount, is_too_old(row, works.now())
    try:
        if too_old:
            snapshot = gateway.fetch(attempt, account)
        else:
            snapshot = gateway.refund(attempt, account, receipt, amount, key=f"{refund_id}:refund")
    except Refused as refusal:
        with works.sessions.begin() as session:
            record_refusal(session, refund_id, refusal.code, works.now())
        return
    with works.sessions.begin() as session:
        record_snapshot(session, payment_id, snapshot, works.now())
        if too_old:
            record_refusal(session, refund_id, "never_finished", works.now())
        else:
            record_accepted(session, refund_id, works.now())
