"""The platform with neighbours in memory."""

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from tests.journey import Journey


@pytest.fixture
def journey(settings: Settings, engine: Engine) -> Journey:
    return Journey(settings, engine)
