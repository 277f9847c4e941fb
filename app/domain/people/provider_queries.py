"""Which provider is whose, and providers as administrators see them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.people.models import Provider, RegistryAccount


def provider_of(session: Session, accounts: Collection[str]) -> Provider | None:
    """The provider that one of these registry accounts belongs to; None if none does.

    `accounts` are those that the registry's single sign-on names for a person, never anything that was typed. Who
    represents accounts of several providers acts for the first in alphabetical order.
    """
    if not accounts:
        return None
    return session.scalars(
        select(Provider)
        .join(RegistryAccount, RegistryAccount.provider_id == Provider.id)
        .where(RegistryAccount.account_id.in_(accounts))
        .order_by(Provider.slug)
        .limit(1)
    ).one_or_none()


def accounts_of(session: Session, provider_id: UUID, accounts: Collection[str]) -> list[str]:
    """Those of a person's registry accounts that belong to the provider."""
    return list(
        session.scalars(
            select(RegistryAccount.account_id)
            .where(RegistryAccount.provider_id == provider_id, RegistryAccount.account_id.in_(accounts))
            .order_by(RegistryAccount.account_id)
        )
    )


def taken_accounts(session: Session, accounts: Collection[str]) -> set[str]:
    """Those of these registry accounts that belong to any provider here."""
    return set(
        session.scalars(select(RegistryAccount.account_id).where(RegistryAccount.account_id.in_(accounts)))
    )


@dataclass(frozen=True)
class ProviderRow:
    """A provider in a list."""

    provider: Provider
    accounts: int


def all_providers(session: Session) -> list[ProviderRow]:
    """Every provider with the number of its registry accounts, in alphabetical order."""
    rows = session.execute(
        select(Provider, func.count(RegistryAccount.account_id))
        .outerjoin(RegistryAccount, RegistryAccount.provider_id == Provider.id)
        .group_by(Provider.id)
        .order_by(func.lower(Provider.display_name), Provider.id)
    )
    return [ProviderRow(provider, accounts) for provider, accounts in rows]
