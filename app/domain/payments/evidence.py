"""What is known of an order, in one record: for a provider who has to answer a dispute about its payment."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.cancellations.models import Cancellation
from app.domain.cancellations.queries import cancellations_of
from app.domain.certificates.models import Certificate
from app.domain.certificates.queries import certificate_of
from app.domain.mails.models import Mail
from app.domain.orders.models import Order
from app.domain.payments.models import Payment
from app.links import certificate_file_url, certificate_url

_STEPS_OF = ("order", "payment", "cancellation")


def evidence_of(session: Session, order: Order, public_url: str, now: datetime) -> dict[str, Any]:
    """Order, consents, payments with their movements, delivery, and every step with its time; JSON values only.

    The buyer's address is veiled, and an anonymous beneficiary's name left out: the provider never had them from us.
    """
    payments = session.scalars(
        select(Payment).where(Payment.order_id == order.id).order_by(Payment.created_at, Payment.id)
    )
    certificate = certificate_of(session, order.id)
    return {
        "made_at": now.isoformat(),
        "order": _order(order),
        "consents": [
            {
                "kind": consent.kind,
                "text_version": consent.text_version,
                "language": consent.language,
                "text_sha256": consent.text_sha256,
                "given_at": consent.given_at.isoformat(),
            }
            for consent in sorted(order.group.consents, key=lambda each: each.kind)
        ],
        "payments": [_payment(payment) for payment in payments],
        "delivery": {
            "cancellations": [_cancellation(each) for each in cancellations_of(session, order.id)],
            "certificate": _certificate(certificate, public_url) if certificate is not None else None,
            "mails": [
                {"kind": mail.kind, "sent_at": mail.sent_at.isoformat()}
                for mail in session.scalars(
                    select(Mail)
                    .where(Mail.order_id == order.id, Mail.to == order.email, Mail.sent_at.is_not(None))
                    .order_by(Mail.sent_at)
                )
                if mail.sent_at is not None
            ],
        },
        "steps": [
            {"at": row.at.isoformat(), "of": row.entity, "step": row.payload["step"], "by": row.actor}
            for row in session.scalars(
                select(AuditEvent)
                .where(AuditEvent.order_id == order.id, AuditEvent.entity.in_(_STEPS_OF))
                .order_by(AuditEvent.id)
            )
            if "step" in row.payload
        ],
    }


def _order(order: Order) -> dict[str, Any]:
    name, at, domain = order.email.partition("@")
    return {
        "number": order.number,
        "state": order.state.value,
        "seller": order.provider.legal_name,
        "placed_at": order.placed_at.isoformat(),
        "paid_at": order.paid_at.isoformat() if order.paid_at else None,
        "completed_at": order.completed_at.isoformat() if order.completed_at else None,
        "total": f"{order.total.amount:f}",
        "currency": order.currency,
        "method": order.method,
        "language": order.language,
        "buyer_email": f"{name[:1]}…{at}{domain}" if order.email else None,
        "beneficiary": {
            "type": order.beneficiary_type,
            "name": order.beneficiary_name if order.disclosure == "public" else None,
            "country": order.beneficiary_country,
        },
        "purpose": order.purpose,
        "lines": [
            {
                "activity_ref": line.offer.mandate.block.activity_ref,
                "title": line.offer.mandate.block.activity.title,
                "vintage": line.offer.mandate.block.vintage,
                "unit_class": line.offer.mandate.block.unit_class,
                "quantity": line.quantity,
                "unit_price": f"{line.price.amount:f}",
            }
            for line in order.lines
        ],
    }


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "id": str(payment.id),
        "gateway": payment.gateway,
        "gateway_id": payment.external_id,
        "payee": payment.account.external_id,
        "state": payment.state.value,
        "reason": payment.reason,
        "amount": f"{payment.amount.amount:f}",
        "currency": payment.currency,
        "opened_at": payment.created_at.isoformat(),
        "capture_asked_at": payment.capture_asked_at.isoformat() if payment.capture_asked_at else None,
        "release_rule": payment.release_rule.value,
        "release_hours": payment.release_hours,
        "movements": [
            {
                "kind": entry.kind,
                "gateway_id": entry.external_id,
                "amount": f"{entry.amount.amount:f}",
                "currency": entry.currency,
                "at": entry.at.isoformat(),
            }
            for entry in sorted(payment.entries, key=lambda each: (each.at, each.external_id))
        ],
    }


def _cancellation(cancellation: Cancellation) -> dict[str, Any]:
    return {
        "client_reference": cancellation.client_reference,
        "registry_cancellation_id": cancellation.registry_id,
        "state": cancellation.state.value,
        "quantity": cancellation.quantity,
        "completed_at": cancellation.completed_at.isoformat() if cancellation.completed_at else None,
        "serial_ranges": [span.printed for span in cancellation.serial_ranges],
        "attestation_reference": cancellation.attestation_reference,
        "attestation_url": cancellation.attestation_url,
    }


def _certificate(certificate: Certificate, public_url: str) -> dict[str, Any]:
    return {
        "number": certificate.number,
        "code": certificate.code,
        "issued_at": certificate.issued_at.isoformat(),
        "json_sha256": certificate.json_sha256,
        "pdf_sha256": certificate.pdf_sha256,
        "page": certificate_url(public_url, certificate.language, certificate.code),
        "pdf": certificate_file_url(public_url, certificate.code, "pdf"),
    }
