"""Everything that is kept about a buyer, as JSON. docs/accounts.md describes the shape."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.domain.audit.models import AuditEvent
from app.domain.audit.record import Event, record
from app.domain.mails.models import Mail
from app.domain.orders.bought import guest_orders_of
from app.domain.orders.models import Order
from app.domain.people.account_models import Invitation, Membership, SavedBeneficiary
from app.domain.people.account_queries import memberships_of
from app.domain.people.addresses import proved_by
from app.domain.people.export_orders import Facts, as_text, export_orders
from app.domain.people.models import Person, SignIn
from app.domain.people.on_request import OnRequest, by_whom

FORMAT = 1  # raised when a member is renamed or taken away


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
        "exported_at": as_text(now),
        "person": _person(person),
        "organisations": [_membership(each) for each in memberships_of(session, person.id)],
        "invitations": [_invitation(each) for each in _invitations(session, person)],
        "beneficiaries": [_beneficiary(each) for each in _beneficiaries(session, person.id)],
        "sign_ins": [_sign_in(each) for each in _sign_ins(session, person.id)],
        "orders": export_orders(session, Order.person_id == person.id),
        "orders_as_guest": export_orders(session, guest_orders_of(person)),
        "mails": [_mail(each) for each in _mails(session, person)],
        "trail": [_trail(each) for each in _audit(session, person.id)],
    }


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
        "created_at": as_text(person.created_at),
        "last_signed_in_at": as_text(person.last_signed_in_at),
        "profile_at": as_text(person.profile_at),
    }


def _membership(membership: Membership) -> Facts:
    organisation = membership.organisation
    return {
        "id": str(organisation.id),
        "name": organisation.name,
        "country": organisation.country,
        "role": membership.role,
        "since": as_text(membership.since),
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
        "created_at": as_text(invitation.created_at),
        "expires_at": as_text(invitation.expires_at),
        "withdrawn_at": as_text(invitation.withdrawn_at),
        "accepted_at": as_text(invitation.accepted_at),
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
        "saved_at": as_text(beneficiary.saved_at),
    }


def _sign_ins(session: Session, person_id: UUID) -> Iterable[SignIn]:
    return session.scalars(
        select(SignIn).where(SignIn.person_id == person_id).order_by(SignIn.began_at, SignIn.id)
    )


def _sign_in(sign_in: SignIn) -> Facts:
    return {
        "began_at": as_text(sign_in.began_at),
        "last_used_at": as_text(sign_in.last_used_at),
        "ends_at": as_text(sign_in.ends_at),
        "ended_at": as_text(sign_in.ended_at),
        "ended_why": sign_in.ended_why,
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
        "created_at": as_text(mail.created_at),
        "sent_at": as_text(mail.sent_at),
    }


def _audit(session: Session, person_id: UUID) -> Iterable[AuditEvent]:
    about = (AuditEvent.entity == "person") & (AuditEvent.entity_id == str(person_id))
    return session.scalars(
        select(AuditEvent).where(or_(about, AuditEvent.actor_person_id == person_id)).order_by(AuditEvent.id)
    )


def _trail(event: AuditEvent) -> Facts:
    return {"at": as_text(event.at), "event": event.event, "about": event.entity}
