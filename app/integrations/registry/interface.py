"""What the platform may ask of the mechanism registry, in our words.

Source of every field: `contract/registry-api.yaml`. Quantities are units (1 unit = 1 tonne of CO2
equivalent). Errors: `TryAgain`, `OutcomeUnknown`, `Refused` of `app.integrations.errors`, whose
`code` is the contract's problem code (`insufficient_units`, `mandate_revoked`, ...).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from app.integrations.errors import Refused


@dataclass(frozen=True)
class Document:
    title: str
    url: str


@dataclass(frozen=True)
class Activity:
    activity_ref: str
    title: str
    summary: str
    kind: str  # project | programme | component
    host_party: str  # ISO 3166-1 alpha-2
    sectoral_scopes: tuple[int, ...]
    technology: str
    methodologies: tuple[str, ...]
    participants: tuple[str, ...]
    sdgs: tuple[int, ...]
    crediting_start: date | None
    crediting_end: date | None
    documents: tuple[Document, ...]
    status: str  # registered | suspended | deregistered
    updated_at: datetime


@dataclass(frozen=True)
class Authorization:
    status: str  # authorized | not_authorized | revoked | unknown
    uses: tuple[str, ...]  # NDC | IMP | OP
    reference: str | None = None
    first_transfer: str | None = None


@dataclass(frozen=True)
class SerialRange:
    """Inclusive; count = end - start + 1. `printed` is the registry's own notation, to the letter."""

    prefix: str
    start: int
    end: int
    count: int
    printed: str


@dataclass(frozen=True)
class Block:
    block_id: str
    activity_ref: str
    issuance_ref: str
    monitoring_start: date
    monitoring_end: date
    vintage: int
    unit_class: str  # AER | MCER
    authorization: Authorization
    first_transferred_at: datetime | None
    serial: SerialRange
    quantity_available: int
    status: str  # active | frozen | moved


@dataclass(frozen=True)
class Mandate:
    mandate_id: str
    account_id: str
    block: Block
    quantity: int
    quantity_remaining: int
    status: str  # active | exhausted | revoked | suspended | expired
    expires_at: datetime | None
    granted_by: str
    updated_at: datetime


@dataclass(frozen=True)
class Account:
    """A registry account that a person represents."""

    account_id: str
    holder_name: str
    holder_country: str  # ISO 3166-1 alpha-2
    status: str  # open | suspended | closed


@dataclass(frozen=True)
class MandateRequest:
    """Earmark units of one block of one account for cancellation through the platform."""

    account_id: str
    block_id: str
    quantity: int
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Beneficiary:
    type: str  # individual | organisation
    disclosure: str  # public | anonymous
    name: str | None = None  # None where disclosure is anonymous
    country: str | None = None


@dataclass(frozen=True)
class CancellationRequest:
    mandate_id: str
    quantity: int
    purpose: str
    client_reference: str
    beneficiary: Beneficiary
    reason: str | None = None


@dataclass(frozen=True)
class Attestation:
    reference: str
    issued_at: datetime
    url: str | None = None


@dataclass(frozen=True)
class Cancellation:
    cancellation_id: str
    client_reference: str
    mandate_id: str
    quantity: int
    status: str  # accepted | completed | rejected
    serial_ranges: tuple[SerialRange, ...]
    completed_at: datetime | None
    attestation: Attestation | None
    rejection_code: str | None
    rejection_detail: str | None
    updated_at: datetime


@dataclass(frozen=True)
class Health:
    status: str  # ok | maintenance
    contract_version: str
    environment: str  # production | sandbox


@dataclass(frozen=True)
class Event:
    """A signed hint to read a resource again; never the truth itself."""

    event_id: str
    type: str
    resource_id: str
    occurred_at: datetime
    raw: dict[str, object] = field(default_factory=dict, compare=False)


class DuplicateClientReference(Refused):
    """The client reference was used before, for `cancellation_id`: read it back."""

    def __init__(self, detail: str, cancellation_id: str) -> None:
        super().__init__("duplicate_client_reference", detail)
        self.cancellation_id = cancellation_id


class EventRefused(Refused):
    """An event that is not the registry's, is too old, or says something else than the contract allows."""


class DelegatedRegistry(Protocol):
    """The registry as an account's representative sees it, who signed in through the registry's single sign-on.

    Every call takes that person's own access token; nothing here has any other. The token never appears in an
    error, a log or a `repr`. Refused("unauthenticated") means that the registry does not take the token (any
    more): the person signs in again. Refused("forbidden"): not this person's account, or not this scope.
    """

    def accounts(self, token: str) -> list[Account]:
        """The accounts that the person represents."""
        ...

    def holdings(self, token: str, account_id: str) -> Iterator[Block]:
        """The account's blocks; pages are fetched as they are used."""
        ...

    def mandate(self, token: str, mandate_id: str) -> Mandate:
        """One mandate over an account of theirs. Refused("not_found") when there is none."""
        ...

    def grant(self, token: str, request: MandateRequest, key: str) -> Mandate:
        """Earmark units. The same key and request replay the first answer.

        OutcomeUnknown after any time-out, broken connection or unreadable answer: ask again, with the same key.
        Refused: insufficient_units, block_not_available, account_suspended, not_found, validation_error.
        """
        ...

    def revoke(self, token: str, mandate_id: str) -> Mandate:
        """The mandate as revoked: what remains of it is the account's again. Twice is as once.

        OutcomeUnknown as above: look with `mandate`, or ask again.
        """
        ...


class Registry(Protocol):
    """The registry as the platform's own service token sees it."""

    def health(self) -> Health:
        """Is it there? TryAgain when not."""
        ...

    def activities(self, updated_since: datetime | None = None) -> Iterator[Activity]:
        """All activities (changed since), oldest change first; pages are fetched as they are used."""
        ...

    def mandates(self, updated_since: datetime | None = None) -> Iterator[Mandate]:
        """All mandates granted to the platform (changed since), oldest change first."""
        ...

    def mandate(self, mandate_id: str) -> Mandate:
        """One mandate with its block as it stands now. Refused("not_found") when there is none."""
        ...

    def cancel(self, request: CancellationRequest, key: str) -> Cancellation:
        """Cancel units, irreversibly. The same key and request replay the first answer.

        OutcomeUnknown after any time-out, broken connection or unreadable answer: read back with
        `cancellation_by_reference` before calling again, and call again only with the same key.
        Refused("duplicate_client_reference") means that the reference was used before: read back.
        """
        ...

    def cancellation(self, cancellation_id: str) -> Cancellation:
        """One cancellation by the registry's id."""
        ...

    def cancellation_by_reference(self, client_reference: str) -> Cancellation | None:
        """Crash recovery: what became of our reference; None when the registry never saw it."""
        ...

    def cancellations(self, updated_since: datetime | None = None) -> Iterator[Cancellation]:
        """All cancellations made through the platform (changed since), for reconciliation."""
        ...
