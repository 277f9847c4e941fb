"""What every shell works with, handed in by the web, the worker or a test."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy.orm import Session, sessionmaker

from app.sealing import Purpose, Sealer
from app.settings import Settings
from app.wiring import Neighbours


def utc_now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Works:
    """Settings, database sessions, the neighbours, and what opens sealed secrets."""

    settings: Settings
    sessions: sessionmaker[Session]
    neighbours: Neighbours
    sealer: Sealer
    now: Callable[[], datetime] = utc_now

    @cached_property
    def token_sealer(self) -> Sealer:
        """For tokens of people who are signed in; `sealer` is for the providers' payment accounts."""
        return Sealer(self.settings.secret_key, Purpose.SIGN_INS, self.settings.secret_key_before)
