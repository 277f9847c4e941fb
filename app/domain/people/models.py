"""Providers: who sells, and which registry accounts are theirs."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column


class ProviderState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Provider(Base):
    """An activity participant that sells. The buyer contracts with it, and pays it directly."""

    __tablename__ = "provider"

    id: Mapped[UUID] = new_id()
    slug: Mapped[str] = mapped_column(unique=True)
    legal_name: Mapped[str]
    display_name: Mapped[str]
    country: Mapped[str]  # ISO 3166-1 alpha-2
    contact_email: Mapped[str]
    website: Mapped[str | None]
    state: Mapped[ProviderState] = state_column(ProviderState, default=ProviderState.ACTIVE)
    created_at: Mapped[datetime]

    registry_accounts: Mapped[list["RegistryAccount"]] = relationship(back_populates="provider")


class RegistryAccount(Base):
    """An account in the mechanism registry that belongs to a provider."""

    __tablename__ = "registry_account"

    account_id: Mapped[str] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), index=True)

    provider: Mapped[Provider] = relationship(back_populates="registry_accounts")
