"""Keep what the gateway said when a checkout was started."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.payees.degrade_account import degrade_account
from app.domain.payments.queries import locked_payment
from app.domain.payments.states import OPEN, step
from app.integrations.errors import Refused
from app.integrations.gateways.interface import NextStep, PayeeProblem


def record_checkout(session: Session, payment_id: UUID, next_step: NextStep, now: datetime) -> Payment:
    """The checkout is open at the gateway. Its id is kept before the buyer is sent there."""
    payment = locked_payment(session, payment_id)
    if payment.state == PaymentState.CREATED:
        payment.external_id = next_step.external_id
        payment.redirect_url = next_step.redirect_url
        step(session, payment, "start", now)
    return payment


def record_refusal(session: Session, payment_id: UUID, refusal: Refused, now: datetime) -> Payment:
    """The gateway will not do this payment. The order keeps waiting: the buyer may try again."""
    payment = locked_payment(session, payment_id)
    if payment.state in OPEN:
        step(session, payment, "fail", now, reason=refusal.code)
    if isinstance(refusal, PayeeProblem):
        degrade_account(session, payment.account_id, refusal.code, now)
    return payment
