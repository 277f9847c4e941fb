"""Begin the cancellation of a paid order that has waited: the gateway is asked once more whether the money is there."""

from uuid import UUID

from app.domain.orders.models import Order
from app.domain.payments.begin_release import begin_release, release_due
from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.record_snapshot import record_snapshot
from app.logs import about_order
from app.shells.works import Works


def release(works: Works, order_id: UUID) -> None:
    """Whatever is due for a paid order that waits. Safe to repeat at any time.

    Raises TryAgain or OutcomeUnknown when the gateway did not answer: nothing is cancelled before it has.
    """
    with works.sessions.begin() as session:
        about_order(session.get_one(Order, order_id).number)
        to_ask = release_due(session, order_id, works.now())
        if to_ask is None:
            return
        asked = [
            (
                payment.id,
                payment.gateway,
                attempt_of(payment, works.settings.public_url),
                account_of(payment.account, works.sealer),
            )
            for payment in to_ask
        ]
    snapshots = {
        payment_id: works.neighbours.gateways[gateway].fetch(attempt, account)
        for payment_id, gateway, attempt, account in asked
    }
    with works.sessions.begin() as session:
        for payment_id, snapshot in snapshots.items():
            record_snapshot(session, payment_id, snapshot, works.now())
        begin_release(session, order_id, snapshots, works.now())
