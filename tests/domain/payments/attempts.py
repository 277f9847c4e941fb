"""Payment attempts in any state, and what a gateway says of them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.orders.expire_order import expire_order
from app.domain.orders.models import Order
from app.domain.orders.withdraw_order import withdraw_order
from app.domain.payments.models import Payment, PaymentEntry, PaymentState, ProviderPayeeAccount
from app.integrations.gateways.interface import Entry, PayState, Snapshot
from tests.factories import NOW, make_order

SOON = NOW + timedelta(minutes=1)
TOO_LATE = NOW + timedelta(minutes=61)  # the hold is over


def make_payment(
    session: Session, order: Order | None = None, state: PaymentState = PaymentState.STARTED, **fields: Any
) -> Payment:
    """An attempt to pay an order (25 t unless one is given), for the provider's own account."""
    order = order or make_order(session)
    account = session.execute(
        select(ProviderPayeeAccount).where(ProviderPayeeAccount.provider_id == order.provider_id)
    ).scalar_one()
    payment_id = uuid4()
    values = {
        "external_id": f"CHECKOUT-{payment_id.hex[:8]}",
        "amount_minor": order.total_minor,
        "currency": order.currency,
        "created_at": NOW,
        "changed_at": NOW,
    }
    payment = Payment(
        id=payment_id,
        order_id=order.id,
        account_id=account.id,
        gateway=account.gateway,
        state=state,
        **{**values, **fields},
    )
    session.add(payment)
    session.flush()
    session.refresh(payment)
    return payment


def enter(session: Session, payment: Payment, **kinds: int) -> None:
    """Movements of the ledger, in minor units."""
    for number, (kind, minor) in enumerate(kinds.items()):
        session.add(
            PaymentEntry(
                payment_id=payment.id,
                account_id=payment.account_id,
                gateway=payment.gateway,
                kind=kind,
                external_id=f"{payment.id}-{number}",
                amount_minor=minor,
                currency=payment.currency,
                at=NOW,
                recorded_at=NOW,
            )
        )
    session.flush()


def receipt(payment: Payment, number: int = 1, **fields: Any) -> Entry:
    """The whole amount has come in at the provider."""
    return Entry(
        **{"kind": "receipt", "external_id": f"CAPTURE-{number}", "amount": payment.amount, "at": NOW}
        | fields
    )


def refund(payment: Payment, number: int = 1, **fields: Any) -> Entry:
    """The whole amount has gone back to the buyer."""
    return receipt(payment, **{"kind": "refund", "external_id": f"REFUND-{number}"} | fields)


def snapshot(payment: Payment, state: PayState, *entries: Entry, **fields: Any) -> Snapshot:
    """What a gateway says that has everything as it was asked for; `fields` are what it has otherwise.

    A captured payment has its receipt unless entries are given.
    """
    if state is PayState.CAPTURED and not entries:
        entries = (receipt(payment),)
    values = {
        "amount": payment.amount,
        "payee": payment.account.external_id,
        "reference": str(payment.id),
        "entries": entries,
    }
    return Snapshot(state, **{**values, **fields})


def expire(session: Session, order: Order) -> None:
    """The hold was over and nothing was paid."""
    assert expire_order(session, order.id, TOO_LATE)
    session.flush()


def withdraw(session: Session, order: Order) -> None:
    """The buyer gave up."""
    withdraw_order(session, order, "buyer", SOON, actor="buyer")
    session.flush()
