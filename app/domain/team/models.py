"""A provider's people: who they are, what they do for it, and which mails they do not want."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, state_column
from app.domain.people.models import Person, Provider


class TeamRole(StrEnum):
    OWNER = "owner"  # everything, the team too
    SALES = "sales"  # offers, content, buyers
    FINANCE = "finance"  # payment accounts, statements, refunds, tax documents
    READER = "reader"


class TeamMember(Base):
    """Somebody who represents one of the provider's registry accounts, and their role here.

    Who may act for the provider at all, the registry says at every sign-in; this says how much of it.
    """

    __tablename__ = "team_member"

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[TeamRole] = state_column(TeamRole)
    since: Mapped[datetime]
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))

    provider: Mapped[Provider] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class NoticeOff(Base):
    """A kind of mail that a person does not want."""

    __tablename__ = "notice_off"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)  # a key of `team.notices.NOTICES`
    at: Mapped[datetime]
