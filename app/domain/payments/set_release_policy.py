"""A provider decides from when units are cancelled for money that can be taken back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.payments.models import ReleaseRule
from app.domain.payments.payee_models import ReleasePolicy
from app.domain.payments.release_terms import ReleaseTerms
from app.domain.people.models import Provider
from app.money import Money

HOURS_MAX = 168


class PolicyRefused(Exception):
    """A value that cannot be. `field`: hours or amount."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def set_release_policy(
    session: Session,
    provider_id: UUID,
    terms: ReleaseTerms,
    threshold: Money,
    person_id: UUID,
    now: datetime,
) -> None:
    """From orders of `threshold` on these terms apply to payments that are opened from now on. The caller commits.

    "At once" takes the policy of that currency away. Payments that are open keep what was frozen with them. Raises
    PolicyRefused; the same again changes nothing.
    """
    waits = terms.rule is not ReleaseRule.AT_ONCE
    if waits and not 1 <= terms.hours <= HOURS_MAX:
        raise PolicyRefused("hours")
    if waits and threshold.minor < 0:
        raise PolicyRefused("amount")
    # Two persons at once: the second sees what the first has decided.
    session.execute(select(Provider.id).where(Provider.id == provider_id).with_for_update())
    policy = session.get(ReleasePolicy, (provider_id, threshold.currency), populate_existing=True)
    before = _told(policy)
    if not waits and policy is not None:
        session.delete(policy)
        policy = None
    elif waits:
        if policy is None:
            policy = ReleasePolicy(provider_id=provider_id, currency=threshold.currency)
            session.add(policy)
        policy.rule, policy.hours, policy.from_minor = terms.rule, terms.hours, threshold.minor
    after = _told(policy)
    if before == after:
        return
    if policy is not None:
        policy.changed_by, policy.changed_at = person_id, now
    record(
        session,
        Event.RELEASE_POLICY_CHANGED,
        "provider",
        provider_id,
        now,
        actor="provider",
        person_id=person_id,
        currency=threshold.currency,
        before=before,
        after=after,
    )


def _told(policy: ReleasePolicy | None) -> dict[str, str | int] | None:
    if policy is None:
        return None
    return {"rule": policy.rule.value, "hours": policy.hours, "from_minor": policy.from_minor}
