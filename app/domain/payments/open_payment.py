"""Begin to pay an order: one open attempt at a time, for the provider's own account."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.orders.models import OrderState
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.payee_shown import payee_shown
from app.domain.payments.queries import locked_order, net_paid, open_payment_of, usable_account
from app.domain.payments.release_terms import release_terms


class NotPayable(Exception):
    """The order does not wait for a payment (any more)."""


class MethodUnavailable(Exception):
    """The provider has no account that can take this payment now."""


def open_payment(session: Session, order_id: UUID, now: datetime) -> Payment:
    """The order's open attempt, or a new one. The caller commits, then starts the checkout.

    NotPayable when the order is paid, given up or out of time; MethodUnavailable when the provider
    cannot be paid by the order's method at present.
    """
    order = locked_order(session, order_id)
    if order.state != OrderState.AWAITING_PAYMENT or order.hold_until <= now:
        raise NotPayable(order.state.value)
    under_way = open_payment_of(session, order_id)
    if under_way is not None:
        return under_way
    transfer = transfer_of(session, order.id) if order.method == "bank" else None
    # The buyer has been told this very account: it stays, whatever the provider has changed since.
    account = (
        transfer.account
        if transfer is not None
        else usable_account(session, order.provider_id, order.method, order.currency)
    )
    if account is None:
        raise MethodUnavailable(order.method)
    terms = release_terms(session, order.provider_id, account.gateway, order.total)
    # What has come already is not asked for again. A transfer may be anything; its attempt stands for all of them.
    come = max(net_paid(session, order), 0) if account.gateway != "bank" else 0
    payment = Payment(
        id=uuid4(),
        order_id=order.id,
        account_id=account.id,
        gateway=account.gateway,
        state=PaymentState.CREATED,
        amount_minor=order.total_minor - come,
        currency=order.currency,
        created_at=now,
        changed_at=now,
        payee=payee_shown(session, account, transfer).as_json(),
        release_rule=terms.rule,
        release_hours=terms.hours,
    )
    session.add(payment)
    return payment
