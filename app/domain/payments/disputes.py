"""Money that somebody has taken back from the provider by a dispute: derived from the ledger, never set."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.payments.models import Payment, PaymentEntry
from app.domain.team.tell_provider import tell_provider
from app.integrations.gateways.interface import Entry


def disputed_amount(session: Session, order: Order) -> int:
    """How much a dispute has taken of the order's money and not given back, in minor units of its currency."""
    rows = session.execute(
        select(PaymentEntry.kind, func.sum(PaymentEntry.amount_minor))
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .where(
            Payment.order_id == order.id,
            PaymentEntry.currency == order.currency,
            PaymentEntry.kind.in_(["chargeback", "chargeback_won"]),
        )
        .group_by(PaymentEntry.kind)
    )
    sums = {kind: int(total) for kind, total in rows}
    return max(sums.get("chargeback", 0) - sums.get("chargeback_won", 0), 0)


def disputed_orders(session: Session, limit: int) -> list[UUID]:
    """Orders of whose money a dispute holds something, the newest dispute first."""
    taken = func.sum(PaymentEntry.amount_minor).filter(PaymentEntry.kind == "chargeback")
    won = func.sum(PaymentEntry.amount_minor).filter(PaymentEntry.kind == "chargeback_won")
    return list(
        session.scalars(
            select(Payment.order_id)
            .join(PaymentEntry, PaymentEntry.payment_id == Payment.id)
            .group_by(Payment.order_id)
            .having(taken > func.coalesce(won, 0))
            .order_by(func.max(PaymentEntry.at).desc())
            .limit(limit)
        )
    )


def tell_of_disputes(session: Session, order: Order, moved: Iterable[Entry], now: datetime) -> None:
    """Owe the provider a mail for each new dispute; what to answer it with is on the order's page."""
    for entry in moved:
        if entry.kind == "chargeback":
            tell_provider(
                session,
                order.provider,
                "payment_disputed",
                f"{order.id}:{entry.external_id}",
                now,
                order_id=order.id,
                dispute=entry.external_id,
            )
