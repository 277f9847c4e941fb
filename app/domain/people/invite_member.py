"""An owner asks somebody to join: a link is mailed to an address."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.mails.queue_mail import queue_mail
from app.domain.people.account_models import Invitation, MemberRole, Membership
from app.domain.people.addresses import address_is
from app.domain.people.hashes import token_hash
from app.domain.people.membership import managed_by
from app.domain.people.models import Person, Realm
from app.domain.people.permissions import Permission

LIFETIME = timedelta(days=14)
MOST_OPEN = 50  # of one organisation: our mail server is no tool for spam


class AlreadyMember(Exception):
    """Somebody with this address belongs to the organisation."""


class TooManyInvitations(Exception):
    """Too many invitations are waiting for an answer."""


def invite_member(
    session: Session,
    organisation_id: UUID,
    email: str,
    role: MemberRole,
    *,
    by: UUID,
    token: str,
    token_sealed: str,
    language: str,
    now: datetime,
) -> Invitation:
    """Invite, and queue the mail; an open invitation to the same address is withdrawn for the new one.

    `token` is for the link, of which the row knows the hash; `token_sealed` is the same for the mail to be
    written, which nobody opens by reading the database. `language` is the inviter's, for strangers. Raises
    NotAMember, NotAllowed, AlreadyMember, TooManyInvitations.
    """
    organisation = managed_by(session, organisation_id, by, Permission.ORGANISATION_MEMBERS_WRITE)
    members = select(Membership.person_id).where(Membership.organisation_id == organisation_id)
    of_address = address_is(Person.email, email), Person.email_verified.is_(True)
    if session.scalar(select(Person.id).where(Person.id.in_(members), *of_address).limit(1)):
        raise AlreadyMember
    for earlier in session.scalars(
        select(Invitation).where(_open(organisation_id, now), address_is(Invitation.email, email))
    ):
        earlier.withdrawn_at = now
    waiting = session.scalar(select(func.count(Invitation.id)).where(_open(organisation_id, now)))
    if (waiting or 0) >= MOST_OPEN:
        raise TooManyInvitations
    invitation = Invitation(
        id=uuid4(),
        organisation_id=organisation.id,
        email=email,
        role=role,
        token_hash=token_hash(token),
        invited_by=by,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    session.add(invitation)
    session.flush()
    known = session.scalar(
        select(Person.language)
        .where(*of_address, Person.realm == Realm.PUBLIC, Person.language.is_not(None))
        .limit(1)
    )
    queue_mail(
        session,
        "invitation",
        once=f"invitation:{invitation.id}",
        to=email,
        language=known or language,
        now=now,
        context={"invitation_id": str(invitation.id), "token_sealed": token_sealed},
    )
    record(
        session,
        Event.MEMBER_INVITED,
        "organisation",
        organisation.id,
        now,
        actor="buyer",
        person_id=by,
        invitation=str(invitation.id),
        role=role.value,
    )
    return invitation


def _open(organisation_id: UUID, now: datetime) -> ColumnElement[bool]:
    return and_(
        Invitation.organisation_id == organisation_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > now,
    )
