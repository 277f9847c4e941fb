"""What buyers keep here beside themselves: organisations with their members, and beneficiaries to choose again."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.people.models import Person, PersonKind


class Organisation(Base):
    """Several people who buy for the same name. It is whatever its first owner says: nobody has checked it."""

    __tablename__ = "organisation"

    id: Mapped[UUID] = new_id()
    name: Mapped[str]
    country: Mapped[str]  # ISO 3166-1 alpha-2
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]  # when its last member went; its orders stay

    memberships: Mapped[list["Membership"]] = relationship(back_populates="organisation")


class MemberRole(StrEnum):
    OWNER = "owner"
    BUYER = "buyer"
    VIEWER = "viewer"


class Membership(Base):
    """A person in an organisation."""

    __tablename__ = "membership"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    role: Mapped[MemberRole] = state_column(MemberRole)
    since: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(back_populates="memberships")
    person: Mapped[Person] = relationship()


class Invitation(Base):
    """Somebody is asked to join, by a link that was mailed to an address and that only its owner can use."""

    __tablename__ = "invitation"

    id: Mapped[UUID] = new_id()
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str]  # "" once its owner is erased
    role: Mapped[MemberRole] = state_column(MemberRole)
    token_hash: Mapped[bytes] = mapped_column(unique=True)  # SHA-256 of the link's token
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)

    organisation: Mapped[Organisation] = relationship()


class SavedBeneficiary(Base):
    """A name for certificates, to choose again: of one person, or of an organisation for all its buyers."""

    __tablename__ = "saved_beneficiary"

    id: Mapped[UUID] = new_id()
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[PersonKind] = state_column(PersonKind)
    name: Mapped[str]
    country: Mapped[str]  # ISO 3166-1 alpha-2
    saved_at: Mapped[datetime]

    organisation: Mapped[Organisation | None] = relationship()

    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, organisation_id) = 1", name="owner"),
        UniqueConstraint(
            "person_id",
            "organisation_id",
            "kind",
            "name",
            "country",
            name="uq_saved_beneficiary_same",
            postgresql_nulls_not_distinct=True,
        ),
    )
