"""Periodic work: when it last came, and how it went."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base


class PeriodicRun(Base):
    """The last run of one periodic job."""

    __tablename__ = "periodic_run"

    name: Mapped[str] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ok_at: Mapped[datetime | None]  # when it last ended well
    problem: Mapped[str | None]  # of the last run, if it ended badly
