"""What administrators may change while the platform runs; everything else is configuration."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id
from app.domain.people.models import Person


class SettingVersion(Base):
    """One value that a setting was given. The newest counts; rows are added, never changed: see migrations."""

    __tablename__ = "setting_version"

    id: Mapped[UUID] = new_id()
    name: Mapped[str]  # a key of `settings.SETTINGS`
    language: Mapped[str]  # of a text; "" where there is none
    value: Mapped[Any] = mapped_column(JSONB)
    version: Mapped[int]  # 1, 2, 3, ... of this name and language
    set_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]
    reason: Mapped[str]

    person: Mapped[Person] = relationship()

    __table_args__ = (Index("uq_setting_version", "name", "language", "version", unique=True),)


class SettingDraft(Base):
    """Words of a text that an administrator is writing: nothing reads them but the page where they are written."""

    __tablename__ = "setting_draft"

    name: Mapped[str] = mapped_column(primary_key=True)
    base: Mapped[int]  # the version that was in force when it was begun
    words: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB)  # language → word → text
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
