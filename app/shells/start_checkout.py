"""Open a checkout at the gateway, while the buyer waits for the page."""

from uuid import UUID

from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.open_payment import open_payment
from app.domain.payments.record_checkout import record_checkout, record_refusal
from app.integrations.errors import Refused
from app.logs import about_order
from app.shells.hear_exchanges import hear_exchanges
from app.shells.works import Works


def start_checkout(works: Works, order_id: UUID) -> Payment:
    """The order's payment with the address where the buyer can approve it.

    Raises NotPayable, MethodUnavailable; TryAgain or OutcomeUnknown when the gateway cannot be reached
    (asking again uses the same key); Refused when it says no, which is recorded.
    """
    with works.sessions.begin() as session:
        payment = open_payment(session, order_id, works.now())
        session.flush()
        if payment.state != PaymentState.CREATED:
            return payment
        about_order(payment.order.number)
        attempt = attempt_of(payment, works.settings.public_url)
        account = account_of(payment.account, works.sealer)
    gateway = works.neighbours.gateways[payment.gateway]
    try:
        with hear_exchanges(works):
            next_step = gateway.start(attempt, account, key=f"{payment.id}:create")
    except Refused as refusal:
        with works.sessions.begin() as session:
            record_refusal(session, payment.id, refusal, works.now())
        raise
    with works.sessions.begin() as session:
        return record_checkout(session, payment.id, next_step, works.now())
