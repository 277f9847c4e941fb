"""A provider with holdings at the registry, and its person at the console."""

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.domain.people.models import Provider
from tests.factories import make_provider
from tests.web.conftest import Fakes
from tests.web.pages import Client, Page
from tests.web.roles import SignedIn, sign_in_administrator, sign_in_provider


@dataclass
class Seller:
    """A provider, its person's browser, and its account."""

    provider: Provider
    client: Client
    person: SignedIn
    account: str


def make_seller(app: Flask, session: Session, fakes: Fakes, client: Client, name: str) -> Seller:
    """A provider whose person is signed in at `client`, and known to the registry."""
    provider = make_provider(session, name)
    session.commit()
    [account] = [each.account_id for each in provider.registry_accounts]
    person = sign_in_provider(app, client, account, name=f"Person of {name}")
    fakes.delegated.let_in(person.token, account)
    return Seller(provider, client, person, account)


@pytest.fixture
def seller(app: Flask, session: Session, fakes: Fakes, client: Client) -> Seller:
    return make_seller(app, session, fakes, client, "Sample Stoves Ltd")


@pytest.fixture
def neighbour(app: Flask, session: Session, fakes: Fakes) -> Seller:
    """Another provider, in another browser."""
    return make_seller(app, session, fakes, Client(app.test_client()), "Sample Wind Ltd")


@pytest.fixture
def administrator(app: Flask) -> Client:
    """The browser of an administrator whose second factor is fresh."""
    client = Client(app.test_client())
    sign_in_administrator(app, client, name="Vera Sample")
    return client


@pytest.fixture
def second_administrator(app: Flask) -> Client:
    """The browser of another one."""
    client = Client(app.test_client())
    sign_in_administrator(app, client, name="Wilma Sample")
    return client


def confirm_the_proposal(client: Client) -> Page:
    """Be the second administrator for the only thing that waits for one."""
    page = client.get("/en/console/admin/proposals")
    [link] = page.all("tbody th a")
    return client.get(str(link["href"])).form(f"{link['href']}/confirm").submit()
