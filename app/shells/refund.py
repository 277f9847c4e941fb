"""Give the buyer's money back, from the provider's account, for an order whose units were not cancelled."""

from uuid import UUID

from app.domain.orders.flag_order import flag_order
from app.domain.orders.models import Order, OrderState
from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.queries import locked_order, receipts_to_refund
from app.domain.payments.record_snapshot import record_snapshot
from app.integrations.errors import Refused
from app.integrations.gateways.interface import Entry, OnlyByHand
from app.logs import about_order
from app.shells.works import Works


def refund(works: Works, order_id: UUID) -> None:
    """Refund every receipt of an order that is due a refund. Safe to repeat.

    A gateway that refuses for good puts the order where a person sees it. Raises TryAgain or
    OutcomeUnknown to be asked again with the same key.
    """
    with works.sessions() as session:
        about_order(session.get_one(Order, order_id).number)
        due = [
            (
                receipt.payment_id,
                receipt.payment.gateway,
                attempt_of(receipt.payment, works.settings.public_url),
                account_of(receipt.payment.account, works.sealer),
                Entry("receipt", receipt.external_id, receipt.amount, receipt.at),
            )
            for receipt in receipts_to_refund(session, order_id)
        ]
    for payment_id, gateway, attempt, account, receipt in due:
        try:
            snapshot = works.neighbours.gateways[gateway].refund(
                attempt, account, receipt, receipt.amount, key=f"{payment_id}:refund:{receipt.external_id}"
            )
        except OnlyByHand:
            continue  # the order stays due a refund until the provider's statement shows it
        except Refused as refusal:
            with works.sessions.begin() as session:
                order = locked_order(session, order_id)
                if order.state == OrderState.REFUND_DUE:
                    flag_order(session, order, f"refund_refused:{refusal.code}", works.now())
            return
        with works.sessions.begin() as session:
            record_snapshot(session, payment_id, snapshot, works.now())
