"""The gateway cannot give the money back: it becomes the provider's task, with a date."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.payments.bank.dates import add_bank_days
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.refund_models import Refund
from app.domain.payments.refunds.states import step
from app.domain.settings.queries import number
from app.domain.team.tell_provider import tell_provider

REMIND_BEFORE = timedelta(days=2)


def hand_over(session: Session, refund: Refund, problem: str, now: datetime) -> None:
    """Give the provider a task with a deadline. `problem`: why the gateway cannot, a word of `refund_words`.

    The caller holds the order's lock and commits.
    """
    step(session, refund, "hand_over", now, problem=problem)
    refund.problem = problem
    refund.due_at = _due_at(session, refund, now)
    refund.reminded_at = refund.escalated_at = None
    defer(session, "mind_refund", at=refund.due_at - REMIND_BEFORE, refund_id=refund.id)
    defer(session, "mind_refund", at=refund.due_at, refund_id=refund.id)
    tell_of_refund(session, refund, "refund_to_send", now)


def tell_of_refund(session: Session, refund: Refund, kind: str, now: datetime) -> None:
    """A mail to the provider about money to send back."""
    tell_provider(
        session,
        refund.order.provider,
        kind,
        f"{refund.id}:{now.isoformat()}",
        now,
        order_id=refund.order_id,
        refund_id=str(refund.id),
    )


def provider_zone(session: Session, refund: Refund) -> ZoneInfo:
    """Where the provider's days are counted."""
    zone = session.scalars(
        select(BankAccount.zone)
        .join(ProviderPayeeAccount, BankAccount.account_id == ProviderPayeeAccount.id)
        .where(ProviderPayeeAccount.provider_id == refund.order.provider_id)
        .order_by(ProviderPayeeAccount.created_at)
        .limit(1)
    ).first()
    return ZoneInfo(zone or "UTC")


def last_day(session: Session, refund: Refund) -> date | None:
    """The last day on which the provider can send it in time, where they are; None: it is not their task."""
    if refund.due_at is None:
        return None
    return (refund.due_at - timedelta(seconds=1)).astimezone(provider_zone(session, refund)).date()


def _due_at(session: Session, refund: Refund, now: datetime) -> datetime:
    """The end of the last bank day to send it, the fifth as long as nobody has changed it, in the provider's zone."""
    zone = provider_zone(session, refund)
    days = number(session, "refund_bank_days")
    last: date = add_bank_days(now.astimezone(zone).date(), days, refund.currency)
    return datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
