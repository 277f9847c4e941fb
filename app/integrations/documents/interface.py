"""What a certificate says, as plain data, and who turns it into a PDF.

Fields follow `docs/certificates.md`. The same object is the JSON twin, the public page and the PDF,
so that they agree to the letter: text that people wrote is put in after `clean_text`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from app.integrations.documents.clean_text import clean_text
from app.integrations.documents.quantity_words import quantity_in_words

__all__ = [
    "CertificateData",
    "CertificateLine",
    "CertificateRenderer",
    "PresentedTo",
    "ProFormaRenderer",
    "SerialRangeShown",
    "Statement",
    "clean_text",
    "quantity_in_words",
]


@dataclass(frozen=True)
class PresentedTo:
    type: str  # individual | organisation
    disclosure: str  # public | anonymous
    name: str | None  # None where anonymous
    country: str | None  # ISO 3166-1 alpha-2


@dataclass(frozen=True)
class SerialRangeShown:
    prefix: str
    start: int
    end: int
    count: int
    printed: str


@dataclass(frozen=True)
class CertificateLine:
    """One cancellation in the registry."""

    activity_ref: str
    activity_title: str
    host_party: str  # ISO 3166-1 alpha-2
    sectoral_scopes: tuple[int, ...]
    technology: str
    issuance_ref: str
    vintage: int
    monitoring_start: date
    monitoring_end: date
    unit_class: str  # AER | MCER
    authorized_uses: tuple[str, ...]  # NDC | IMP | OP
    authorization_reference: str | None
    quantity: int
    serial_ranges: tuple[SerialRangeShown, ...]
    registry_cancellation_id: str
    client_reference: str
    attestation_reference: str | None
    cancelled_at: datetime


@dataclass(frozen=True)
class Statement:
    unit_class: str  # AER | MCER
    version: str  # 2026-11
    text: str  # in the certificate's language, frozen


@dataclass(frozen=True)
class CertificateData:
    number: str  # VC000123/2026
    code: str  # unguessable
    version: int
    language: str  # en | fr | es
    issued_at: datetime
    order_number: str
    presented_to: PresentedTo
    provider_name: str
    provider_country: str
    purpose: str
    reason: str | None
    quantity: int
    lines: tuple[CertificateLine, ...]
    statements: tuple[Statement, ...]
    public_url: str


@dataclass(frozen=True)
class TaxDocumentSeller:
    """Who sold, as it has to be named on a tax document."""

    name: str
    street: str
    postcode: str | None
    town: str
    country: str  # ISO 3166-1 alpha-2
    tax_id: str
    registration_number: str | None


@dataclass(frozen=True)
class TaxDocumentLine:
    """Units of one block; amounts in minor units of the document's currency."""

    activity_ref: str
    activity_title: str
    vintage: int
    unit_class: str  # AER | MCER
    quantity: int
    price_minor: int
    total_minor: int


@dataclass(frozen=True)
class TaxDocumentData:
    """Everything that a tax document says, frozen with its number."""

    number: str  # SAMPLE-2026-000001
    replaces: str | None  # the number of a document that this one corrects
    language: str  # en | fr | es
    issued_at: datetime
    seller: TaxDocumentSeller
    buyer_name: str | None  # None: the buyer is named nowhere
    buyer_type: str  # individual | organisation
    buyer_country: str
    order_number: str
    lines: tuple[TaxDocumentLine, ...]
    currency: str
    total_minor: int
    way: str  # transfer | wallet | card
    service: str  # that took the payment; "" where there is none
    paid_at: datetime
    certificate_number: str | None
    note: str  # how the sale is taxed, in the seller's words


class TaxDocumentRenderer(Protocol):
    def render(self, data: TaxDocumentData) -> bytes:
        """The PDF. A character that no font has is printed as an empty box: the document has its number already."""
        ...


class ProFormaRenderer(Protocol):
    def render(self, values: Mapping[str, Any], at: datetime) -> bytes:
        """The PDF of a pro-forma invoice. `values`: those of templates/documents/pro_forma_values.txt.

        A character that no font has is printed as an empty box: the invoice repeats what stands elsewhere.
        """
        ...


class CertificateRenderer(Protocol):
    def render(self, data: CertificateData, json_twin: bytes) -> bytes:
        """The PDF (PDF/A-3a, PDF/UA-1, signed) with the JSON twin attached.

        `json_twin` is UTF-8. Raises Refused("missing_glyph", the first characters) when a character cannot be
        printed, and Refused("unprintable_fact", the fact) when a number or reference of the registry holds
        something that is no plain text.
        """
        ...

    def missing_characters(self, text: str) -> str:
        """The characters of `text` that could not be printed, for asking before payment; "" if none."""
        ...
