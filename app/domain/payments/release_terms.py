"""From when the units of a paid order are cancelled: what the provider decided, and what was frozen for an order."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.payments.methods import METHODS, Finality
from app.domain.payments.models import Payment, PaymentEntry, ReleaseRule
from app.domain.payments.payee_models import ReleasePolicy
from app.money import Money

_STRICTNESS = {ReleaseRule.AT_ONCE: 0, ReleaseRule.DELAY: 1, ReleaseRule.REVIEW: 2}


@dataclass(frozen=True)
class ReleaseTerms:
    """`hours`: how long cancellation waits (delay), or within which time the provider decides (review)."""

    rule: ReleaseRule
    hours: int = 0


AT_ONCE = ReleaseTerms(ReleaseRule.AT_ONCE)


def release_terms(session: Session, provider_id: UUID, method: str, total: Money) -> ReleaseTerms:
    """What applies to an order of this total that is paid by this method now.

    Money that nobody can take back never waits, nor does an amount below the provider's own threshold.
    """
    if METHODS[method].finality is Finality.FINAL:
        return AT_ONCE
    policy = session.get(ReleasePolicy, (provider_id, total.currency))
    if policy is None or total.minor < policy.from_minor:
        return AT_ONCE
    return ReleaseTerms(policy.rule, policy.hours)


def terms_of_order(session: Session, order_id: UUID) -> ReleaseTerms:
    """The strictest of the terms that were frozen with the payments that brought the order money."""
    brought = select(PaymentEntry.payment_id).where(PaymentEntry.kind == "receipt")
    rows = session.execute(
        select(Payment.release_rule, Payment.release_hours).where(
            Payment.order_id == order_id, Payment.id.in_(brought)
        )
    )
    found = [ReleaseTerms(rule, hours) for rule, hours in rows]
    return max(found, key=lambda terms: (_STRICTNESS[terms.rule], terms.hours), default=AT_ONCE)


def terms_shown(session: Session, order: Order) -> ReleaseTerms:
    """What the buyer of an order is told: as frozen with its latest payment, else what would apply now."""
    latest = session.execute(
        select(Payment.release_rule, Payment.release_hours)
        .where(Payment.order_id == order.id)
        .order_by(Payment.created_at.desc(), Payment.id)
        .limit(1)
    ).one_or_none()
    if latest is not None:
        return ReleaseTerms(*latest)
    return release_terms(session, order.provider_id, order.method, order.total)


def frozen_terms(payment: Payment) -> ReleaseTerms:
    """What was frozen with a payment."""
    return ReleaseTerms(payment.release_rule, payment.release_hours)
