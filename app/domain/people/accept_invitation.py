"""Somebody joins an organisation that has invited them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.domain.audit.record import Event, record
from app.domain.people.account_models import Invitation, Membership
from app.domain.people.addresses import same_address
from app.domain.people.hashes import token_hash
from app.domain.people.locked import locked_organisation
from app.domain.people.models import Person


class UnknownInvitation(Exception):
    """No invitation has this link."""


class InvitationRefused(Exception):
    """It cannot be accepted. `code`: withdrawn, used, expired, unverified, other_address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def invitation_by_token(session: Session, token: str) -> Invitation:
    """The invitation whose link this is, with its organisation. UnknownInvitation."""
    found = session.scalar(
        select(Invitation)
        .where(Invitation.token_hash == token_hash(token))
        .options(joinedload(Invitation.organisation))
    )
    if found is None:
        raise UnknownInvitation
    return found


def check_invitation(invitation: Invitation, person: Person, now: datetime) -> None:
    """May this person accept it now? InvitationRefused.

    Only who has proved that the address is theirs: a link that was passed on, or read by others, opens nothing.
    """
    if invitation.withdrawn_at is not None:
        raise InvitationRefused("withdrawn")
    if invitation.accepted_at is not None and invitation.accepted_by != person.id:
        raise InvitationRefused("used")
    if invitation.accepted_at is None and now >= invitation.expires_at:
        raise InvitationRefused("expired")
    if invitation.accepted_at is None and not same_address(person.email, invitation.email):
        raise InvitationRefused("other_address")
    if invitation.accepted_at is None and not person.email_verified:
        raise InvitationRefused("unverified")


def accept_invitation(session: Session, token: str, person_id: UUID, now: datetime) -> Invitation:
    """Make the person a member with the role offered; a member keeps their role. UnknownInvitation, InvitationRefused.

    The same person may do it twice: nothing more happens then.
    """
    # Whoever changes who belongs to it queues up at the organisation, so that comes first, and then what it was.
    locked_organisation(session, invitation_by_token(session, token).organisation_id)
    invitation = invitation_by_token(session, token)
    session.refresh(invitation)
    person = session.get_one(Person, person_id, populate_existing=True)
    check_invitation(invitation, person, now)
    if invitation.accepted_at is not None:
        return invitation
    invitation.accepted_at = now
    invitation.accepted_by = person.id
    if session.get(Membership, (invitation.organisation_id, person.id)) is None:
        session.add(
            Membership(
                organisation_id=invitation.organisation_id,
                person_id=person.id,
                role=invitation.role,
                since=now,
            )
        )
    record(
        session,
        Event.INVITATION_ACCEPTED,
        "organisation",
        invitation.organisation_id,
        now,
        actor="buyer",
        person_id=person.id,
        invitation=str(invitation.id),
        role=invitation.role.value,
    )
    return invitation
