"""Write a movement of money into the ledger, once, whoever tells of it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.payments.models import Payment, PaymentEntry
from app.integrations.gateways.interface import Entry


def known_entries(session: Session, payment: Payment) -> frozenset[tuple[str, str]]:
    """Kind and external id of what the payment's ledger holds: most looks bring nothing else."""
    rows = session.execute(
        select(PaymentEntry.kind, PaymentEntry.external_id).where(PaymentEntry.payment_id == payment.id)
    )
    return frozenset((kind, external_id) for kind, external_id in rows)


def add_entry(session: Session, payment: Payment, entry: Entry, now: datetime) -> bool:
    """True if the movement was not there yet. The caller holds the order's lock."""
    added = session.execute(
        insert(PaymentEntry)
        .values(
            payment_id=payment.id,
            account_id=payment.account_id,
            gateway=payment.gateway,
            kind=entry.kind,
            external_id=entry.external_id,
            amount_minor=entry.amount.minor,
            currency=entry.amount.currency,
            at=entry.at,
            recorded_at=now,
        )
        .on_conflict_do_nothing(index_elements=["gateway", "account_id", "kind", "external_id"])
        .returning(PaymentEntry.id)
    ).scalar_one_or_none()
    if added is not None:
        record(
            session,
            Event.PAYMENT_ENTRY,
            "payment",
            payment.id,
            now,
            order_id=payment.order_id,
            kind=entry.kind,
            external_id=entry.external_id,
            amount=str(entry.amount),
        )
        if entry.kind == "receipt":
            payment.account.succeeded_at = now
    return added is not None
