"""What a tax document says, frozen: from the order as it is now, and back from where it was kept."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.domain.certificates.models import Certificate
from app.domain.orders.models import Order, OrderLine
from app.domain.payments.methods import METHODS
from app.integrations.documents.interface import (
    TaxDocumentData,
    TaxDocumentLine,
    TaxDocumentSeller,
    clean_text,
)


def freeze(
    order: Order, certificate: Certificate | None, number: str, replaces: str | None, now: datetime
) -> TaxDocumentData:
    """The facts of a document about a paid order, whose provider has said everything that it takes.

    The buyer is named as on the certificate, and by no address: the provider sees the document.
    """
    provider = order.provider
    if order.paid_at is None or provider.street is None or provider.town is None or provider.tax_id is None:
        raise ValueError(order.number)
    return TaxDocumentData(
        number=number,
        replaces=replaces,
        language=order.language,
        issued_at=now,
        seller=TaxDocumentSeller(
            name=clean_text(provider.legal_name),
            street=clean_text(provider.street),
            postcode=clean_text(provider.postcode) if provider.postcode else None,
            town=clean_text(provider.town),
            country=provider.country,
            tax_id=clean_text(provider.tax_id),
            registration_number=clean_text(provider.registration_number)
            if provider.registration_number
            else None,
        ),
        buyer_name=clean_text(order.beneficiary_name)
        if order.beneficiary_name and order.disclosure == "public"
        else None,
        buyer_type=order.beneficiary_type,
        buyer_country=order.beneficiary_country,
        order_number=order.number,
        lines=tuple(_line(line) for line in order.lines),
        currency=order.currency,
        total_minor=order.total_minor,
        way=METHODS[order.method].way.value,
        service=METHODS[order.method].service,
        paid_at=order.paid_at,
        certificate_number=certificate.number if certificate is not None else None,
        note=clean_text(provider.invoice_note or ""),
    )


def to_json(data: TaxDocumentData) -> dict[str, Any]:
    """As it is kept; times are RFC 3339."""
    times = {"issued_at": data.issued_at.isoformat(), "paid_at": data.paid_at.isoformat()}
    return {**asdict(data), "lines": [asdict(line) for line in data.lines], **times}


def from_json(kept: dict[str, Any]) -> TaxDocumentData:
    """What `to_json` kept."""
    return TaxDocumentData(
        **{
            **kept,
            "issued_at": datetime.fromisoformat(kept["issued_at"]),
            "paid_at": datetime.fromisoformat(kept["paid_at"]),
            "seller": TaxDocumentSeller(**kept["seller"]),
            "lines": tuple(TaxDocumentLine(**line) for line in kept["lines"]),
        }
    )


def _line(line: OrderLine) -> TaxDocumentLine:
    block = line.offer.mandate.block
    return TaxDocumentLine(
        activity_ref=block.activity.activity_ref,
        activity_title=clean_text(block.activity.title),
        vintage=block.vintage,
        unit_class=block.unit_class,
        quantity=line.quantity,
        price_minor=line.unit_price_minor,
        total_minor=line.total.minor,
    )
