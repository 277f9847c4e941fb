"""A method of payment has gone while orders wait to be paid by it: their buyers are told, their attempts looked at."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.mails.queue_mail import queue_mail
from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.models import Payment, PaymentState, ProviderPayeeAccount
from app.domain.payments.queries import usable_account
from app.domain.payments.states import OPEN

# Money may be on its way there already: whoever pays in another way now would pay twice.
_UNDER_WAY = frozenset({PaymentState.AUTHORIZED, PaymentState.PENDING})


def tell_buyers(session: Session, account: ProviderPayeeAccount, now: datetime) -> None:
    """Once an order and account. While the credentials live, what was begun is asked about once more, at once."""
    session.flush()
    payments = session.scalars(
        select(Payment).where(Payment.account_id == account.id, Payment.state.in_(OPEN))
    ).all()
    for payment in payments:
        if payment.external_id is not None:
            defer(session, "look_at_payment", payment_id=payment.id)
    under_way = {payment.order_id for payment in payments if payment.state in _UNDER_WAY}
    for order in _waiting_for(session, account):
        if order.id in under_way or not order.email:
            continue
        queue_mail(
            session,
            "method_unavailable",
            once=f"method_unavailable:{order.id}:{account.id}",
            to=order.email,
            language=order.language,
            now=now,
            order_id=order.id,
            context={"gateway": account.gateway},
        )


def _waiting_for(session: Session, account: ProviderPayeeAccount) -> list[Order]:
    """Unpaid orders whose buyers would pay to this account, or were told to."""
    waiting = select(Order).where(
        Order.state == OrderState.AWAITING_PAYMENT, Order.provider_id == account.provider_id
    )
    if account.gateway == "bank":
        # Whoever says that the transfer was sent is left alone: it may still arrive.
        told = select(BankTransfer.order_id).where(
            BankTransfer.account_id == account.id, BankTransfer.said_sent_on.is_(None)
        )
        return list(session.scalars(waiting.where(Order.method == "bank", Order.id.in_(told))))
    affected = waiting.where(Order.method == account.gateway, Order.currency.in_(account.currencies))
    return [
        order
        for order in session.scalars(affected)
        if usable_account(session, order.provider_id, account.gateway, order.currency) is None
    ]
