"""Everything that is kept about a buyer's orders, as JSON. docs/accounts.md describes the shape."""

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from app.domain.certificates.models import Certificate
from app.domain.moderation.texts_kept import texts_kept_of
from app.domain.orders.models import Order, OrderGroup
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.models import Payment
from app.domain.payments.refund_models import PaymentClaim, PaymentProof, Refund
from app.domain.tax_documents.models import TaxDocument
from app.domain.threads.models import Author, Complaint, OrderMessage

Facts = dict[str, Any]


def as_text(moment: datetime | None) -> str | None:
    """A time as RFC 3339; None stays."""
    return moment.isoformat() if moment is not None else None


def export_orders(session: Session, whose: ColumnElement[bool]) -> list[Facts]:
    """The orders for which the condition `whose` holds, as JSON knows them, the oldest first."""
    orders = session.scalars(
        select(Order)
        .where(whose)
        .options(selectinload(Order.lines), joinedload(Order.group).selectinload(OrderGroup.consents))
        .order_by(Order.placed_at, Order.id)
    ).all()
    ids = [order.id for order in orders]
    certificates = session.scalars(
        select(Certificate).where(Certificate.order_id.in_(ids)).order_by(Certificate.version)
    ).all()
    payments = session.scalars(
        select(Payment)
        .where(Payment.order_id.in_(ids))
        .options(selectinload(Payment.entries))
        .order_by(Payment.created_at)
    ).all()
    transfers = {
        each.order_id: each
        for each in session.scalars(select(BankTransfer).where(BankTransfer.order_id.in_(ids)))
    }
    claims = {
        each.order_id: each
        for each in session.scalars(select(PaymentClaim).where(PaymentClaim.order_id.in_(ids)))
    }
    refunds = session.scalars(
        select(Refund).where(Refund.order_id.in_(ids)).order_by(Refund.created_at, Refund.id)
    ).all()
    proofs = session.scalars(
        select(PaymentProof)
        .where(PaymentProof.order_id.in_(ids))
        .options(undefer(PaymentProof.content))
        .order_by(PaymentProof.added_at, PaymentProof.id)
    ).all()
    texts = texts_kept_of(session, ids)
    messages = session.scalars(
        select(OrderMessage)
        .where(OrderMessage.order_id.in_(ids), OrderMessage.author != Author.PLATFORM)
        .order_by(OrderMessage.at, OrderMessage.id)
    ).all()
    complaints = session.scalars(
        select(Complaint).where(Complaint.order_id.in_(ids)).order_by(Complaint.opened_at, Complaint.id)
    ).all()
    documents = session.scalars(
        select(TaxDocument)
        .where(TaxDocument.order_id.in_(ids), TaxDocument.sha256.is_not(None))
        .options(undefer(TaxDocument.content))
        .order_by(TaxDocument.at, TaxDocument.id)
    ).all()
    return [
        _order(
            order,
            [each for each in certificates if each.order_id == order.id],
            [each for each in payments if each.order_id == order.id],
            [each for each in refunds if each.order_id == order.id],
            [each for each in proofs if each.order_id == order.id],
        )
        | {
            "bank_transfer": _transfer(transfers.get(order.id)),
            "claim": _claim(claims.get(order.id)),
            "messages": [_message(each) for each in messages if each.order_id == order.id],
            "complaints": [_complaint(each) for each in complaints if each.order_id == order.id],
            "texts": texts.get(order.id, []),
            "tax_documents": [_tax_document(each) for each in documents if each.order_id == order.id],
        }
        for order in orders
    ]


def _transfer(transfer: BankTransfer | None) -> Facts | None:
    """How the order is paid by bank transfer, if it ever was meant to be. The account is the seller's, not theirs."""
    if transfer is None:
        return None
    return {
        "reference": transfer.reference,
        "due_on": transfer.due_on.isoformat(),
        "release_at": as_text(transfer.release_at),
        "said_sent_on": transfer.said_sent_on.isoformat() if transfer.said_sent_on else None,
        "said_sent_at": as_text(transfer.said_sent_at),
    }


def _claim(claim: PaymentClaim | None) -> Facts | None:
    """What they said about a payment that nobody had confirmed, and the answer."""
    if claim is None:
        return None
    return {
        "opened_at": as_text(claim.opened_at),
        "note": claim.note,
        "answer_by": as_text(claim.answer_by),
        "answer": claim.answer,
        "answer_note": claim.answer_note,
        "answered_at": as_text(claim.answered_at),
        "escalated_at": as_text(claim.escalated_at),
    }


def _message(message: OrderMessage) -> Facts:
    return {"author": message.author, "text": message.text, "at": as_text(message.at)}


def _complaint(complaint: Complaint) -> Facts:
    return {
        "kind": complaint.kind,
        "state": complaint.state,
        "opened_at": as_text(complaint.opened_at),
        "due_at": as_text(complaint.due_at),
        "answered_at": as_text(complaint.answered_at),
        "escalated_at": as_text(complaint.escalated_at),
        "closed_at": as_text(complaint.closed_at),
        "outcome": complaint.outcome,
    }


def _tax_document(document: TaxDocument) -> Facts:
    return {
        "number": document.number,
        "filename": document.filename,
        "content_type": document.content_type,
        "content_base64": b64encode(document.content or b"").decode(),
        "added_at": as_text(document.at),
    }


def _order(
    order: Order,
    certificates: Iterable[Certificate],
    payments: Iterable[Payment],
    refunds: Iterable[Refund],
    proofs: Iterable[PaymentProof],
) -> Facts:
    return {
        "number": order.number,
        "state": order.state,
        "organisation_id": str(order.organisation_id) if order.organisation_id else None,
        "provider": order.provider.legal_name,
        "total": f"{order.total.amount:f}",
        "currency": order.currency,
        "method": order.method,
        "language": order.language,
        "email": order.email,
        "beneficiary": {
            "type": order.beneficiary_type,
            "name": order.beneficiary_name,
            "country": order.beneficiary_country,
            "disclosure": order.disclosure,
        },
        "purpose": order.purpose,
        "reason": order.reason,
        "certificate_language": order.certificate_language,
        "placed_at": as_text(order.placed_at),
        "paid_at": as_text(order.paid_at),
        "completed_at": as_text(order.completed_at),
        "lines": [
            {
                "activity_ref": line.offer.mandate.block.activity_ref,
                "vintage": line.offer.mandate.block.vintage,
                "quantity": line.quantity,
                "unit_price": f"{line.price.amount:f}",
            }
            for line in order.lines
        ],
        "payments": [
            {
                "gateway": payment.gateway,
                "reference": payment.external_id,
                "state": payment.state,
                "created_at": as_text(payment.created_at),
                "entries": [
                    {"kind": entry.kind, "amount": f"{entry.amount.amount:f}", "at": as_text(entry.at)}
                    for entry in payment.entries
                ],
            }
            for payment in payments
        ],
        "refunds": [
            {
                "amount": f"{refund.amount.amount:f}",
                "currency": refund.currency,
                "cause": refund.cause,
                "state": refund.state,
                "requested_at": as_text(refund.created_at),
                "sent_on": refund.sent_on.isoformat() if refund.sent_on else None,
                "note": refund.note,
                "answered_at": as_text(refund.answered_at),
            }
            for refund in refunds
        ],
        "proofs": [
            {
                "kind": proof.kind,
                "filename": proof.filename,
                "content_type": proof.content_type,
                "content_base64": b64encode(proof.content).decode(),
                "added_at": as_text(proof.added_at),
            }
            for proof in proofs
        ],
        "certificates": [
            {"number": each.number, "version": each.version, "code": each.code} for each in certificates
        ],
        "consents": [
            {"kind": each.kind, "version": each.text_version, "given_at": as_text(each.given_at)}
            for each in order.group.consents
        ],
    }
