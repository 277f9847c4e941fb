"""Reading a provider's release policies."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from app.domain.offers.models import Offer
from app.domain.payments.models import ReleaseRule
from app.domain.payments.payee_models import ReleasePolicy
from app.domain.payments.release_terms import AT_ONCE, ReleaseTerms
from app.money import Money


@dataclass(frozen=True)
class OwnPolicy:
    """What a provider has decided for one currency. `threshold` is None where units are always cancelled at once."""

    currency: str
    terms: ReleaseTerms
    threshold: Money | None


def own_policies(session: Session, provider_id: UUID) -> list[OwnPolicy]:
    """A policy for each currency in which the provider offers or has offered anything, in alphabetical order."""
    currencies = session.scalars(
        union(
            select(Offer.currency).where(Offer.provider_id == provider_id),
            select(ReleasePolicy.currency).where(ReleasePolicy.provider_id == provider_id),
        )
    ).all()
    found = {
        policy.currency: policy
        for policy in session.scalars(select(ReleasePolicy).where(ReleasePolicy.provider_id == provider_id))
    }
    return [_own(currency, found.get(currency)) for currency in sorted(currencies)]


def _own(currency: str, policy: ReleasePolicy | None) -> OwnPolicy:
    if policy is None:
        return OwnPolicy(currency, AT_ONCE, None)
    return OwnPolicy(
        currency,
        ReleaseTerms(ReleaseRule(policy.rule), policy.hours),
        Money(policy.from_minor, currency),
    )
