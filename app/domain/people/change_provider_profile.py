"""A provider says who it is: what buyers, invoices and administrators are told."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.locked import locked_provider
from app.domain.people.models import Provider, ProviderState


class ProfileLocked(Exception):
    """Administrators are looking at it just now, or it is the legal name, which they have approved."""


@dataclass(frozen=True)
class ProviderProfile:
    """Clean, checked values; None for what is not given. `country`: ISO 3166-1 alpha-2."""

    legal_name: str
    display_name: str
    country: str
    street: str | None
    postcode: str | None
    town: str | None
    registration_number: str | None
    tax_id: str | None
    contact_name: str | None
    contact_email: str
    website: str | None


# Who an administrator has approved, and where it is at home, only an administrator changes.
_APPROVED = ("legal_name", "country")


def may_rename(provider: Provider) -> bool:
    """May the provider still change its legal name and country by itself?"""
    return provider.state == ProviderState.ONBOARDING


def change_provider_profile(
    session: Session, provider_id: UUID, profile: ProviderProfile, person_id: UUID, now: datetime
) -> Provider:
    """Take the values over; nothing that is the same is written down. ProfileLocked. The caller commits."""
    provider = locked_provider(session, provider_id)
    changed = {name: value for name, value in asdict(profile).items() if getattr(provider, name) != value}
    renamed = any(name in changed for name in _APPROVED) and not may_rename(provider)
    if renamed or provider.state == ProviderState.IN_REVIEW:
        raise ProfileLocked
    if not changed:
        return provider
    before = {name: getattr(provider, name) for name in changed}
    for name, value in changed.items():
        setattr(provider, name, value)
    record(
        session,
        Event.PROVIDER_CHANGED,
        "provider",
        provider.id,
        now,
        actor="provider",
        person_id=person_id,
        before=before,
        after=changed,
    )
    return provider
