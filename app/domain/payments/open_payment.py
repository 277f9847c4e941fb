"""Begin to pay an order: one open attempt at a time, for the provider's own account."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.models import AccountState, Payment, PaymentState, ProviderPayeeAccount
from app.domain.payments.payee_shown import payee_shown
from app.domain.payments.queries import locked_order, net_paid, open_payment_of, usable_account
from app.domain.payments.release_terms import release_terms
from app.domain.payments.trials.queries import account_tried_by


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
    account = _account(session, order, transfer)
    if account is None:
        raise MethodUnavailable(order.method)
    payment = new_attempt(session, order, account, transfer, now)
    session.add(payment)
    return payment


def new_attempt(
    session: Session,
    order: Order,
    account: ProviderPayeeAccount,
    transfer: BankTransfer | None,
    now: datetime,
) -> Payment:
    """An attempt to pay what is missing to this account. The caller holds the order's lock, and adds it."""
    terms = release_terms(session, order.provider_id, account.gateway, order.total)
    # What has come already is not asked for again. A transfer may be anything; its attempt stands for all of them.
    come = max(net_paid(session, order), 0) if account.gateway != "bank" else 0
    return Payment(
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


def _account(session: Session, order: Order, transfer: BankTransfer | None) -> ProviderPayeeAccount | None:
    if transfer is not None:
        # The buyer has been told this very account: it stays, whatever the provider has changed since.
        return transfer.account
    if order.trial:
        tried = account_tried_by(session, order.id)
        return tried if tried.state == AccountState.ACTIVE else None
    return usable_account(session, order.provider_id, order.method, order.currency)
