"""How a provider serves its buyers: computed from what happened, never declared."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.payments.bank.dates import bank_days_between
from app.domain.payments.bank.models import BankAccount, BankLine, BankTransfer
from app.domain.payments.models import Payment, PaymentEntry, ProviderPayeeAccount
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.threads.models import Complaint, ComplaintState

PERIOD = timedelta(days=90)
# So many of the newest transfers of an account are looked at: what a public page costs does not grow with the sales.
NEWEST = 200
# From so many on a median says something about the provider and not about one buyer.
FEWEST = 5


@dataclass(frozen=True)
class ServiceRecord:
    """`days`: median of working days from the money's arrival to its confirmation, of `transfers`; None where there are
    none. `in_time` of the `refunds` that were to be sent by hand were. All of the last 90 days, without trials; `complaints` are open now.
    """

    transfers: int = 0
    days: Decimal | None = None
    refunds: int = 0
    in_time: int = 0
    complaints: int = 0


def service_record(session: Session, provider_id: UUID, now: datetime) -> ServiceRecord:
    """The whole record of one provider."""
    due, in_time = session.execute(
        select(
            func.count(Refund.id),
            func.count(Refund.id).filter(
                Refund.escalated_at.is_(None), Refund.state.in_([RefundState.SENT, RefundState.DONE])
            ),
        )
        .join(Order, Order.id == Refund.order_id)
        .where(
            Refund.due_at >= now - PERIOD,
            Refund.state != RefundState.WITHDRAWN,
            # What can still be sent in time says nothing yet.
            (Refund.due_at <= now) | Refund.state.in_([RefundState.SENT, RefundState.DONE]),
            Order.provider_id == provider_id,
            Order.trial.is_(False),
        )
    ).one()
    complaints = session.scalar(
        select(func.count(Complaint.id))
        .join(Order, Order.id == Complaint.order_id)
        .where(Complaint.state != ComplaintState.CLOSED, Order.provider_id == provider_id)
    )
    days = _days(session, [provider_id], now).get(provider_id, [])
    return ServiceRecord(len(days), _median(days), due, in_time, complaints or 0)


def confirmation_days(
    session: Session, provider_ids: Collection[UUID], now: datetime
) -> Mapping[UUID, Decimal]:
    """Provider → median of working days until a transfer is confirmed, for those with five transfers or more."""
    found = _days(session, provider_ids, now)
    return {
        provider_id: middle
        for provider_id, days in found.items()
        if len(days) >= FEWEST and (middle := _median(days)) is not None
    }


def _median(days: Collection[int]) -> Decimal | None:
    return median(map(Decimal, days)) if days else None


def _days(session: Session, provider_ids: Collection[UUID], now: datetime) -> dict[UUID, list[int]]:
    """Provider → working days of each transfer that was confirmed lately."""
    receipt = (
        select(
            PaymentEntry.id,
            PaymentEntry.external_id,
            PaymentEntry.payment_id,
            PaymentEntry.currency,
            PaymentEntry.at,
            PaymentEntry.recorded_at,
        )
        .where(
            PaymentEntry.account_id == ProviderPayeeAccount.id,
            PaymentEntry.kind == "receipt",
            PaymentEntry.recorded_at >= now - PERIOD,
        )
        .order_by(PaymentEntry.recorded_at.desc())
        .limit(NEWEST)
        .lateral("receipt")
    )
    rows = session.execute(
        select(
            ProviderPayeeAccount.provider_id,
            BankAccount.zone,
            receipt.c.currency,
            receipt.c.at,
            receipt.c.recorded_at,
            BankLine.kind,
            BankTransfer.said_sent_on,
        )
        .join(BankAccount, BankAccount.account_id == ProviderPayeeAccount.id)
        .join(receipt, true())
        .join(Payment, Payment.id == receipt.c.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .outerjoin(BankTransfer, BankTransfer.order_id == Order.id)
        # The entry of a line that paid several orders has the order's number behind the line's own.
        .outerjoin(
            BankLine,
            (BankLine.account_id == ProviderPayeeAccount.id)
            & BankLine.fingerprint.in_(
                [receipt.c.external_id, func.regexp_replace(receipt.c.external_id, ":[^:]*$", "")]
            ),
        )
        .where(ProviderPayeeAccount.provider_id.in_(provider_ids), Order.trial.is_(False))
    )
    found: dict[UUID, list[int]] = {}
    for provider_id, zone, currency, at, recorded_at, kind, said_sent_on in rows:
        arrived = _arrived(at.date(), kind, said_sent_on)
        confirmed = recorded_at.astimezone(ZoneInfo(zone)).date()
        found.setdefault(provider_id, []).append(bank_days_between(arrived, confirmed, currency))
    return found


def _arrived(booked_on: date, kind: str | None, said_sent_on: date | None) -> date:
    """The bank's own day, where a statement told of it. A day that the provider has typed counts only where the buyer
    names none.
    """
    return said_sent_on if kind == "hand" and said_sent_on is not None else booked_on
