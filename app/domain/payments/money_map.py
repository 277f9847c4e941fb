"""Where an order's money goes: who is paid, to which account, and that this platform receives none of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.payee_shown import PayeeShown, payee_shown
from app.domain.payments.queries import latest_payment_of, usable_account
from app.domain.people.models import Provider
from app.integrations.gateways.interface import INCOMING
from app.money import Money


@dataclass(frozen=True)
class MoneyWay:
    """One way from the buyer to the provider."""

    payee: PayeeShown
    amount: Money  # asked for on this way
    received: Money  # by the payee, less what left again


@dataclass(frozen=True)
class MoneyMap:
    """Every way on which money of an order went or is to go; usually one."""

    ways: Sequence[MoneyWay]
    platform: Money  # received by this platform: always nothing


def money_map(session: Session, order: Order) -> MoneyMap:
    """The ways that brought money, and the one that is open now. Before the first attempt: the account as it is."""
    present = latest_payment_of(session, order.id)
    payments = session.scalars(
        select(Payment).where(Payment.order_id == order.id).order_by(Payment.created_at, Payment.id)
    )
    ways = [
        MoneyWay(_payee(session, payment), payment.amount, _received(payment))
        for payment in payments
        if payment is present or payment.state == PaymentState.CAPTURED or payment.entries
    ]
    return MoneyMap(ways or [_before(session, order)], Money(0, order.currency))


def money_map_ahead(session: Session, provider: Provider, method: str, amount: Money) -> MoneyMap:
    """Before anything is ordered: where the money would go now."""
    return MoneyMap([_way_ahead(session, provider, method, amount)], Money(0, amount.currency))


def _way_ahead(session: Session, provider: Provider, method: str, amount: Money) -> MoneyWay:
    account = usable_account(session, provider.id, method, amount.currency)
    payee = (
        payee_shown(session, account)
        if account is not None
        else PayeeShown(provider.legal_name, provider.country, method)
    )
    return MoneyWay(payee, amount, Money(0, amount.currency))


def _before(session: Session, order: Order) -> MoneyWay:
    transfer = transfer_of(session, order.id) if order.method == "bank" else None
    if transfer is None:
        return _way_ahead(session, order.provider, order.method, order.total)
    return MoneyWay(payee_shown(session, transfer.account, transfer), order.total, Money(0, order.currency))


def _payee(session: Session, payment: Payment) -> PayeeShown:
    """As it was when the attempt was opened. Attempts of before that was kept: as it is."""
    if payment.payee is not None:
        return PayeeShown.from_json(payment.payee)
    transfer = transfer_of(session, payment.order_id) if payment.gateway == "bank" else None
    return payee_shown(session, payment.account, transfer)


def _received(payment: Payment) -> Money:
    net = sum(
        entry.amount_minor if entry.kind in INCOMING else -entry.amount_minor
        for entry in payment.entries
        if entry.currency == payment.currency
    )
    return Money(net, payment.currency)
