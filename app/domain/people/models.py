"""Providers: who sells, and which registry accounts are theirs. Persons: who signs in, and where they are signed in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column


class ProviderState(StrEnum):
    ONBOARDING = "onboarding"  # something is missing, or it was sent back
    IN_REVIEW = "in_review"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELISTED = "delisted"


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
    # Where it can be served with a letter: on pro-forma invoices and tax documents.
    street: Mapped[str | None]
    postcode: Mapped[str | None]
    town: Mapped[str | None]
    registration_number: Mapped[str | None]  # in its country's company register
    tax_id: Mapped[str | None]
    contact_name: Mapped[str | None]
    invoice_prefix: Mapped[str | None]  # of tax documents that are made here for it; None: it makes its own
    invoice_note: Mapped[str | None]  # how its sales are taxed, in its own words; printed on those documents
    invoice_automatic: Mapped[bool] = mapped_column(default=False, server_default="false")
    state: Mapped[ProviderState] = state_column(ProviderState, default=ProviderState.ACTIVE)
    state_reason: Mapped[str | None]  # what an administrator said when it came into its state
    terms_version: Mapped[str | None]  # of the providers' terms, as accepted
    terms_accepted_at: Mapped[datetime | None]
    terms_accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    registry_accounts: Mapped[list["RegistryAccount"]] = relationship(back_populates="provider")


class RegistryAccount(Base):
    """An account in the mechanism registry that belongs to a provider."""

    __tablename__ = "registry_account"

    account_id: Mapped[str] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), index=True)

    provider: Mapped[Provider] = relationship(back_populates="registry_accounts")


class Realm(StrEnum):
    """Where a person signs in: buyers at one identity provider, providers and administrators at the other."""

    PUBLIC = "public"
    REGISTRY = "registry"


class PersonKind(StrEnum):
    INDIVIDUAL = "individual"
    ORGANISATION = "organisation"


class Person(Base):
    """Somebody who has signed in. An e-mail address is no key: it changes, and two realms may both have it."""

    __tablename__ = "person"

    id: Mapped[UUID] = new_id()
    issuer: Mapped[str]
    subject: Mapped[str]  # the issuer's own name for the person, which never changes
    realm: Mapped[Realm] = state_column(Realm)
    email: Mapped[str]  # as the identity provider said at the last sign-in
    email_verified: Mapped[bool]
    name: Mapped[str]
    language: Mapped[str | None]
    country: Mapped[str | None]  # ISO 3166-1 alpha-2
    kind: Mapped[PersonKind | None] = state_column(PersonKind)
    # When the person last said all this about themselves; from then on the name is theirs, not the provider's.
    profile_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_signed_in_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        Index("ix_person_lower_email", func.lower(text("email"))),
    )


class EndedWhy(StrEnum):
    SIGNED_OUT = "signed_out"
    EVERYWHERE = "everywhere"  # signed out at another browser, for all
    PROVIDER = "provider"  # the identity provider said so
    REPLACED = "replaced"  # somebody signed in over it in the same browser
    IDLE = "idle"
    EXPIRED = "expired"
    REFUSED = "refused"  # the identity provider gives no new token
    DISABLED = "disabled"
    ERASED = "erased"


class SignIn(Base):
    """One person in one browser, from signing in to signing out. The browser's cookie carries a random token.

    Tokens of the identity provider are sealed: whoever reads the database can act for nobody.
    """

    __tablename__ = "sign_in"

    id: Mapped[UUID] = new_id()
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)  # SHA-256 of the cookie's token
    realm: Mapped[Realm] = state_column(Realm)
    sid: Mapped[str | None] = mapped_column(index=True)  # the identity provider's session
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))  # as the identity provider said at the last refresh
    accounts: Mapped[list[str]] = mapped_column(ARRAY(Text))  # registry accounts, likewise
    acr: Mapped[str]  # "2" with a second factor, else "1"
    auth_time: Mapped[datetime]  # when the person last proved who they are
    # Empty once the sign-in has ended.
    access_sealed: Mapped[bytes | None]
    refresh_sealed: Mapped[bytes | None]
    id_token_sealed: Mapped[bytes | None]
    access_expires_at: Mapped[datetime]
    began_at: Mapped[datetime]
    last_used_at: Mapped[datetime]  # to the minute
    ends_at: Mapped[datetime]  # whatever happens
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[EndedWhy | None] = state_column(EndedWhy)

    person: Mapped[Person] = relationship()


class AttemptPurpose(StrEnum):
    SIGN_IN = "sign_in"
    ELEVATION = "elevation"


class SignInAttempt(Base):
    """A browser on its way to the identity provider and back: what it must bring, and what is asked there."""

    __tablename__ = "sign_in_attempt"

    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    browser_hash: Mapped[bytes]  # of the cookie of the browser that set out
    realm: Mapped[Realm] = state_column(Realm)
    nonce: Mapped[str]
    code_verifier_sealed: Mapped[bytes]
    next: Mapped[str]  # a path of ours
    purpose: Mapped[AttemptPurpose] = state_column(AttemptPurpose)
    # Elevation: the sign-in that is to be raised, by the same person.
    sign_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("sign_in.id"))
    language: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class LogoutToken(Base):
    """A sign-out that an identity provider has told us of, kept so that telling it again does nothing."""

    __tablename__ = "logout_token"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True)
    read_at: Mapped[datetime]
