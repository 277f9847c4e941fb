"""What the platform keeps of a notification, read from its database."""

from dataclasses import dataclass

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.domain.payments.models import Notification
from app.settings import Settings
from tests.journey import Journey
from tests.traces import jobs
from tests.web.conftest import Fakes


@dataclass
class Kept:
    """Rows and jobs, as committed."""

    sessions: sessionmaker[Session]

    def notifications(self) -> list[Notification]:
        """Everything that was taken, oldest first."""
        with self.sessions() as session:
            return list(session.query(Notification).order_by(Notification.received_at))

    def jobs(self, task: str) -> list[dict[str, str]]:
        """The arguments of the jobs that wait under this name."""
        with self.sessions() as session:
            return jobs(session, task)


@pytest.fixture
def journey(settings: Settings, engine: Engine, fakes: Fakes) -> Journey:
    return Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)


@pytest.fixture
def kept(sessions: sessionmaker[Session]) -> Kept:
    return Kept(sessions)
