"""A buyer's own organisations, beneficiaries and sign-ins: everything is asked for with their id."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.domain.people.account_models import Invitation, Membership, Organisation, SavedBeneficiary
from app.domain.people.membership import roles_with
from app.domain.people.models import Person, SignIn
from app.domain.people.permissions import Permission


def memberships_of(session: Session, person_id: UUID) -> Sequence[Membership]:
    """The person's memberships with their organisations, by name."""
    return session.scalars(
        select(Membership)
        .join(Membership.organisation)
        .where(Membership.person_id == person_id)
        .options(contains_eager(Membership.organisation))
        .order_by(func.lower(Organisation.name), Organisation.id)
    ).all()


def organisations_with(session: Session, person_id: UUID, permission: Permission) -> list[Organisation]:
    """The organisations in which the person's role holds a permission, by name."""
    return [
        each.organisation
        for each in memberships_of(session, person_id)
        if each.role in roles_with(permission)
    ]


def members_of(session: Session, organisation_id: UUID) -> Sequence[Membership]:
    """Everybody in an organisation, who came first first."""
    return session.scalars(
        select(Membership)
        .where(Membership.organisation_id == organisation_id)
        .options(joinedload(Membership.person))
        .order_by(Membership.since, Membership.person_id)
    ).all()


def open_invitations(session: Session, organisation_id: UUID, now: datetime) -> Sequence[Invitation]:
    """Invitations that can still be accepted, the oldest first."""
    return session.scalars(
        select(Invitation)
        .where(
            Invitation.organisation_id == organisation_id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.created_at, Invitation.id)
    ).all()


def beneficiaries_of(session: Session, person_id: UUID) -> Sequence[SavedBeneficiary]:
    """Those of the person and of the organisations that the person buys for, by name."""
    theirs = select(Membership.organisation_id).where(
        Membership.person_id == person_id,
        Membership.role.in_(roles_with(Permission.ORGANISATION_BENEFICIARIES_WRITE)),
    )
    return session.scalars(
        select(SavedBeneficiary)
        .where(or_(SavedBeneficiary.person_id == person_id, SavedBeneficiary.organisation_id.in_(theirs)))
        .options(joinedload(SavedBeneficiary.organisation))
        .order_by(func.lower(SavedBeneficiary.name), SavedBeneficiary.id)
    ).all()


def own_sign_in(session: Session, person_id: UUID, sign_in_id: UUID) -> SignIn | None:
    """One of the person's sign-ins; None for anybody else's, as for one that is not there."""
    return session.scalar(select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person_id))


def person_now(session: Session, person_id: UUID) -> Person:
    """The person as the database has them, to read or to change."""
    return session.get_one(Person, person_id)
