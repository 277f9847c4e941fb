"""Two buyers at two browsers, and orders on their way."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.people.account_models import MemberRole, Membership, Organisation
from app.domain.people.create_organisation import create_organisation
from app.domain.people.models import Person, Realm
from app.settings import Settings
from tests.factories import NOW
from tests.journey import Journey
from tests.web.conftest import Fakes
from tests.web.pages import Client, Page
from tests.web.roles import sign_in


@dataclass
class Buyer:
    """Somebody who is signed in at a browser of their own."""

    client: Client
    person_id: UUID
    sign_in_id: UUID
    email: str
    session: Session

    def get(self, path: str, **options) -> Page:
        return self.client.get(f"/en/account{path}", **options)

    def post(self, path: str, status: int = 200, **data: str) -> Page:
        """A form that is on no page of theirs, sent all the same."""
        token = self.client.get("/en/basket").one("body")["hx-headers"].split('"')[3]
        return self.client.post(f"/en/account{path}", {"csrf_token": token, **data}, status=status)

    def person(self) -> Person:
        self.session.expire_all()
        return self.session.get_one(Person, self.person_id)

    def organisation(self, name: str = "Sample Bakery", **members: "Buyer") -> Organisation:
        """One of theirs; `buyer=` and `viewer=` are further members."""
        made = create_organisation(self.session, self.person_id, name, "FR", NOW)
        for role, buyer in members.items():
            self.session.add(
                Membership(
                    organisation_id=made.id,
                    person_id=buyer.person_id,
                    role=MemberRole(role),
                    since=NOW,
                )
            )
        self.session.commit()
        return made

    def owns(self, order: Order, organisation: Organisation | None = None) -> Order:
        """The order is theirs from now on."""
        row = self.session.get_one(Order, order.id, populate_existing=True)
        row.person_id = row.group.person_id = self.person_id
        row.organisation_id = organisation.id if organisation else None
        self.session.commit()
        return row


Arrive = Callable[..., Buyer]


@pytest.fixture
def arrive(app: Flask, session: Session) -> Arrive:
    def arrive(name: str = "Ana Sample", email: str = "", **options) -> Buyer:
        email = email or f"{name.partition(' ')[0].lower()}@example.org"
        client = Client(app.test_client())
        made = sign_in(app, client, Realm.PUBLIC, name=name, email=email, **options)
        return Buyer(client, made.person_id, made.sign_in_id, email, session)

    return arrive


@pytest.fixture
def ana(arrive: Arrive) -> Buyer:
    return arrive()


@pytest.fixture
def otto(arrive: Arrive) -> Buyer:
    return arrive("Otto Sample")


@pytest.fixture
def journey(settings: Settings, engine: Engine, fakes: Fakes) -> Journey:
    """Works with the very neighbours that the application has."""
    return Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)
