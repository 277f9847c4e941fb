"""The application with neighbours in memory, and a client that inspects every page it opens."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.factory import create_app
from app.integrations.documents.fake import FakeCertificates, FakeProFormas, FakeTaxDocuments
from app.integrations.gateways.bank.adapter import BankTransfers
from app.integrations.gateways.fake import FakeGateway
from app.integrations.identity.fake import FakeIdentity
from app.integrations.mail.fake import FakeMailer
from app.integrations.registry.delegated_fake import FakeDelegatedRegistry
from app.integrations.registry.fake import FakeRegistry
from app.settings import Settings
from app.wiring import Neighbours
from tests.conftest import lonely_settings
from tests.web.pages import Client


@dataclass
class Fakes:
    """The neighbours in memory, for a test to look at and to make fail."""

    delegated: FakeDelegatedRegistry = field(default_factory=FakeDelegatedRegistry)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    mailer: FakeMailer = field(default_factory=FakeMailer)
    certificates: FakeCertificates = field(default_factory=FakeCertificates)
    identity: dict[str, FakeIdentity] = field(
        default_factory=lambda: {
            realm: FakeIdentity(f"https://login.example.org/realms/{realm}")
            for realm in ("public", "registry")
        }
    )

    @property
    def registry(self) -> FakeRegistry:
        """The same mandates as the platform sees them."""
        return self.delegated.registry

    @property
    def neighbours(self) -> Neighbours:
        return Neighbours(
            registry=self.registry,
            delegated_registry=self.delegated,
            gateways={"bank": BankTransfers(), self.gateway.code: self.gateway},
            mailer=self.mailer,
            certificates=self.certificates,
            pro_formas=FakeProFormas(),
            tax_documents=FakeTaxDocuments(),
            identity=self.identity,
        )


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
def app(settings: Settings, engine: Engine, fakes: Fakes) -> Flask:
    """The whole web application on a database of its own. CSRF protection is on, as it is for people."""
    return create_app(settings, neighbours=fakes.neighbours, engine=engine)


@pytest.fixture
def alone(tmp_path: Path, fakes: Fakes) -> Flask:
    """The application whose database is away: for pages that need none, and for what is said about it."""
    settings = lonely_settings("postgresql://vcp:password-of-the-tests@127.0.0.1:1/none", tmp_path)
    return create_app(settings, neighbours=fakes.neighbours)


@pytest.fixture
def client(app: Flask) -> Client:
    """A visitor who has never been here."""
    return Client(app.test_client())
