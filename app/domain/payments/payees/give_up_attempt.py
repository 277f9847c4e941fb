"""The gateway does not let us see an attempt any more: the provider's credentials open nothing there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.payees.degrade_account import degrade_account
from app.domain.payments.queries import locked_payment
from app.domain.payments.states import step


def give_up_attempt(session: Session, payment_id: UUID, code: str, now: datetime) -> Payment:
    """Take the account out of the checkout. `code` is that of a PayeeProblem.

    An approval that nobody can turn into money does not hold the units beyond their time; should the credentials
    open the account again while it lasts, it is taken up again.
    """
    payment = locked_payment(session, payment_id)
    degrade_account(session, payment.account_id, code, now)
    approved = payment.state == PaymentState.AUTHORIZED and payment.capture_asked_at is None
    if approved and payment.order.hold_until <= now:
        step(session, payment, "lapse", now, reason="account_gone")
    return payment
