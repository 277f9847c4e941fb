"""Everything that is kept about a buyer, as JSON. docs/accounts.md describes the shape."""

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from app.domain.audit.models import AuditEvent
from app.domain.audit.record import Event, record
from app.domain.certificates.models import Certificate
from app.domain.mails.models import Mail
from app.domain.moderation.texts_kept import texts_kept_of
from app.domain.orders.bought import guest_orders_of
from app.domain.orders.models import Order, OrderGroup
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.models import Payment
from app.domain.payments.refund_models import PaymentClaim, PaymentProof, Refund
from app.domain.people.account_models import Invitation, Membership, SavedBeneficiary
from app.domain.people.account_queries import memberships_of
from app.domain.people.addresses import proved_by
from app.domain.people.models import Person, SignIn
from app.domain.people.on_request import OnRequest, by_whom

FORMAT = 1  # raised when a member is renamed or taken away

Facts = dict[str, Any]


def export_person(
    session: Session, person_id: UUID, now: datetime, on_request: OnRequest | None = None
) -> Facts:
    """The whole document, made of what JSON knows; times are RFC 3339 in UTC, amounts text in major units.

    Nothing in it opens anything: tokens of sign-ins and invitations are kept as hashes, and are left out.
    """
    person = session.get_one(Person, person_id)
    record(session, Event.PERSON_EXPORTED, "person", person.id, now, **by_whom(person_id, on_request))
    session.flush()
    return {
        "format": FORMAT,
        "exported_at": _time(now),
        "person": _person(person),
        "organisations": [_membership(each) for each in memberships_of(session, person.id)],
        "invitations": [_invitation(each) for each in _invitations(session, person)],
        "beneficiaries": [_beneficiary(each) for each in _beneficiaries(session, person.id)],
        "sign_ins": [_sign_in(each) for each in _sign_ins(session, person.id)],
        "orders": _orders(session, Order.person_id == person.id),
        "orders_as_guest": _orders(session, guest_orders_of(person)),
        "mails": [_mail(each) for each in _mails(session, person)],
        "trail": [_trail(each) for each in _audit(session, person.id)],
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _person(person: Person) -> Facts:
    return {
        "id": str(person.id),
        "issuer": person.issuer,
        "subject": person.subject,
        "email": person.email,
        "email_verified": person.email_verified,
        "name": person.name,
        "language": person.language,
        "country": person.country,
        "kind": person.kind,
        "created_at": _time(person.created_at),
        "last_signed_in_at": _time(person.last_signed_in_at),
        "profile_at": _time(person.profile_at),
    }


def _membership(membership: Membership) -> Facts:
    organisation = membership.organisation
    return {
        "id": str(organisation.id),
        "name": organisation.name,
        "country": organisation.country,
        "role": membership.role,
        "since": _time(membership.since),
    }


def _invitations(session: Session, person: Person) -> Iterable[Invitation]:
    to_them = or_(Invitation.accepted_by == person.id, proved_by(Invitation.email, person))
    return session.scalars(
        select(Invitation)
        .where(or_(to_them, Invitation.invited_by == person.id))
        .options(joinedload(Invitation.organisation))
        .order_by(Invitation.created_at, Invitation.id)
    )


def _invitation(invitation: Invitation) -> Facts:
    return {
        "organisation": invitation.organisation.name,
        "email": invitation.email,
        "role": invitation.role,
        "created_at": _time(invitation.created_at),
        "expires_at": _time(invitation.expires_at),
        "withdrawn_at": _time(invitation.withdrawn_at),
        "accepted_at": _time(invitation.accepted_at),
    }


def _beneficiaries(session: Session, person_id: UUID) -> Iterable[SavedBeneficiary]:
    return session.scalars(
        select(SavedBeneficiary)
        .where(SavedBeneficiary.person_id == person_id)
        .order_by(SavedBeneficiary.saved_at, SavedBeneficiary.id)
    )


def _beneficiary(beneficiary: SavedBeneficiary) -> Facts:
    return {
        "kind": beneficiary.kind,
        "name": beneficiary.name,
        "country": beneficiary.country,
        "saved_at": _time(beneficiary.saved_at),
    }


def _sign_ins(session: Session, person_id: UUID) -> Iterable[SignIn]:
    return session.scalars(
        select(SignIn).where(SignIn.person_id == person_id).order_by(SignIn.began_at, SignIn.id)
    )


def _sign_in(sign_in: SignIn) -> Facts:
    return {
        "began_at": _time(sign_in.began_at),
        "last_used_at": _time(sign_in.last_used_at),
        "ends_at": _time(sign_in.ends_at),
        "ended_at": _time(sign_in.ended_at),
        "ended_why": sign_in.ended_why,
    }


def _orders(session: Session, whose: Any) -> list[Facts]:
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
    texts = texts_kept_of(session, ids)
    proofs = session.scalars(
        select(PaymentProof)
        .where(PaymentProof.order_id.in_(ids))
        .options(undefer(PaymentProof.content))
        .order_by(PaymentProof.added_at, PaymentProof.id)
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
            "texts": texts.get(order.id, []),
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
        "release_at": _time(transfer.release_at),
        "said_sent_on": transfer.said_sent_on.isoformat() if transfer.said_sent_on else None,
        "said_sent_at": _time(transfer.said_sent_at),
    }


def _claim(claim: PaymentClaim | None) -> Facts | None:
    """What they said about a payment that nobody had confirmed, and the answer."""
    if claim is None:
        return None
    return {
        "opened_at": _time(claim.opened_at),
        "note": claim.note,
        "answer_by": _time(claim.answer_by),
        "answer": claim.answer,
        "answer_note": claim.answer_note,
        "answered_at": _time(claim.answered_at),
        "escalated_at": _time(claim.escalated_at),
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
        "placed_at": _time(order.placed_at),
        "paid_at": _time(order.paid_at),
        "completed_at": _time(order.completed_at),
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
                "created_at": _time(payment.created_at),
                "entries": [
                    {"kind": entry.kind, "amount": f"{entry.amount.amount:f}", "at": _time(entry.at)}
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
                "requested_at": _time(refund.created_at),
                "sent_on": refund.sent_on.isoformat() if refund.sent_on else None,
                "note": refund.note,
                "answered_at": _time(refund.answered_at),
            }
            for refund in refunds
        ],
        "proofs": [
            {
                "kind": proof.kind,
                "filename": proof.filename,
                "content_type": proof.content_type,
                "content_base64": b64encode(proof.content).decode(),
                "added_at": _time(proof.added_at),
            }
            for proof in proofs
        ],
        "certificates": [
            {"number": each.number, "version": each.version, "code": each.code} for each in certificates
        ],
        "consents": [
            {"kind": each.kind, "version": each.text_version, "given_at": _time(each.given_at)}
            for each in order.group.consents
        ],
    }


def _mails(session: Session, person: Person) -> Iterable[Mail]:
    about_orders = select(Order.id).where(Order.person_id == person.id, Order.email == Mail.to)
    return session.scalars(
        select(Mail)
        .where(or_(proved_by(Mail.to, person), Mail.order_id.in_(about_orders)))
        .order_by(Mail.created_at, Mail.id)
    )


def _mail(mail: Mail) -> Facts:
    return {
        "kind": mail.kind,
        "to": mail.to,
        "language": mail.language,
        "created_at": _time(mail.created_at),
        "sent_at": _time(mail.sent_at),
    }


def _audit(session: Session, person_id: UUID) -> Iterable[AuditEvent]:
    about = (AuditEvent.entity == "person") & (AuditEvent.entity_id == str(person_id))
    return session.scalars(
        select(AuditEvent).where(or_(about, AuditEvent.actor_person_id == person_id)).order_by(AuditEvent.id)
    )


def _trail(event: AuditEvent) -> Facts:
    return {"at": _time(event.at), "event": event.event, "about": event.entity}
