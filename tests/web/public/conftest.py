"""Orders on their way, beside the application that shows them."""

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from tests.journey import Journey
from tests.web.conftest import Fakes


@pytest.fixture
def journey(settings: Settings, engine: Engine, fakes: Fakes) -> Journey:
    """Works with the very neighbours that the application has."""
    return Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)
