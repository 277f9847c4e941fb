"""Becoming a provider, page by page, and the self-test once it is approved."""

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.queries import latest_payment_of
from app.domain.people.models import Provider, ProviderState, RegistryAccount
from app.domain.people.states import step
from app.domain.team.models import TeamMember, TeamRole
from app.integrations.errors import TryAgain
from app.shells.look_at_payment import look_at_payment
from tests.bank import make_bank_account
from tests.factories import NOW, make_payee_account, make_provider
from tests.traces import jobs
from tests.web.conftest import Fakes
from tests.web.console.conftest import Seller
from tests.web.pages import Client, Page, words
from tests.web.roles import SignedIn, sign_in_provider

HOME = "/en/console"
FREE, SECOND = "GH-ACC-1", "GH-ACC-2"
PROFILE = {"street": "1 Sample Road", "town": "Tamale", "contact_name": "Nora Sample"}


@dataclass
class Newcomer:
    """Nora, who represents accounts of no provider."""

    client: Client
    person: SignedIn
    session: Session

    @property
    def provider(self) -> Provider:
        self.session.expire_all()
        return self.session.scalars(
            select(Provider).where(Provider.slug == "sample-savanna-stoves-ltd")
        ).one()


@pytest.fixture
def nora(app: Flask, session: Session, fakes: Fakes, client: Client) -> Newcomer:
    person = sign_in_provider(app, client, FREE, SECOND, name="Nora Sample", email="nora@provider.example")
    fakes.delegated.let_in(person.token, FREE, SECOND)
    for account in (FREE, SECOND):
        fakes.delegated.open_account(account, holder_name="Sample Savanna Stoves Ltd", holder_country="GH")
    return Newcomer(client, person, session)


def token_on(page: Page) -> str:
    """Of any form on a page: it is the visitor's, not the form's."""
    return str(page.all("[name=csrf_token]")[0]["value"])


def marks(page: Page) -> dict[str, str]:
    """What the checklist says of each item."""
    return {words(each.b): words(each.select_one(".chip")) for each in page.all("ol.rows > li")}


def test_from_the_first_sign_in_to_asking_for_approval(nora: Newcomer, session: Session):
    page = nora.client.get(HOME)
    assert page.h1 == "Become a provider"
    page = page.form().submit()
    assert page.h1 == "Sample Savanna Stoves Ltd"
    accounts = session.scalars(select(RegistryAccount.account_id).order_by(RegistryAccount.account_id)).all()
    assert list(accounts) == [FREE, SECOND]
    [member] = session.scalars(select(TeamMember)).all()
    assert (member.person_id, member.role) == (nora.person.person_id, TeamRole.OWNER)
    assert marks(page) == {
        "Registry account": "Done",
        "Legal name and postal address": "Missing",
        "Contact": "Done",
        "A bank account in use": "Missing",
        "Terms accepted": "Missing",
    }
    form = page.follow("Profile (Legal name and postal address)").form()
    assert form.fields["legal_name"] == ["Sample Savanna Stoves Ltd"]
    refused = form.submit(street="", website="nothing", status=422)
    assert set(refused.errors) == {"street", "town", "website"}
    page = refused.form().submit(**PROFILE, website="https://stoves.example")
    assert marks(page)["Legal name and postal address"] == "Done"
    terms = page.follow("Read the terms (Terms accepted)")
    assert terms.form().submit(status=422).error("accept") == "Tick the box to accept the terms."
    page = terms.form().submit(accept="yes")
    page.client.post(f"{HOME}/submit", data={"csrf_token": token_on(terms)}, status=303, follow=False)
    assert nora.provider.state == ProviderState.ONBOARDING, "the bank account is missing"
    make_bank_account(session, nora.provider)
    session.commit()
    page = nora.client.get(HOME).form().submit()
    assert "Administrators are looking at it" in page.text
    assert nora.provider.state == ProviderState.IN_REVIEW
    page = nora.client.get(f"{HOME}/profile")
    assert "Nothing can be changed until they have decided." in page.text
    assert "1 Sample Road, Tamale, Ghana" in page.text


def test_what_an_administrator_said_is_shown(nora: Newcomer, session: Session):
    nora.client.get(HOME).form().submit()
    provider = nora.provider
    for name in ("submit", "send_back"):
        step(session, provider, name, NOW)
    provider.state_reason = "The street is missing."
    session.commit()
    assert "The street is missing." in nora.client.get(HOME).text


def test_only_open_accounts_that_nobody_has_can_be_used(nora: Newcomer, fakes: Fakes, session: Session):
    fakes.delegated.open_account(FREE, status="suspended")
    theirs = make_provider(session)
    session.add(RegistryAccount(account_id="GH-ACC-9", provider_id=theirs.id))
    session.commit()
    page = nora.client.get(HOME)
    assert "Suspended" in page.text
    page.form().submit()
    assert [each.account_id for each in nora.provider.registry_accounts] == [SECOND]


def test_a_closed_account_alone_begins_nothing(nora: Newcomer, fakes: Fakes, session: Session):
    for account in (FREE, SECOND):
        fakes.delegated.open_account(account, status="closed")
    page = nora.client.get(HOME)
    assert "No account can be used" in page.text
    assert page.forms(f"{HOME}/open") == []
    token = token_on(page)
    nora.client.post(f"{HOME}/open", data={"csrf_token": token, "account": FREE}, status=404)
    assert session.scalar(select(func.count(Provider.id))) == 0


def test_while_the_registry_is_away_nothing_begins(nora: Newcomer, fakes: Fakes):
    fakes.delegated.fail_next("accounts", TryAgain("unavailable"))
    assert "The registry does not answer at the moment" in nora.client.get(HOME).text


def test_an_approved_provider_keeps_its_legal_name_and_changes_the_rest(seller: Seller, session: Session):
    form = seller.client.get(HOME).follow("Profile").form()
    assert "legal_name" not in form.fields
    form.submit(**PROFILE, display_name="Stoves <b>")
    session.expire_all()
    provider = session.get_one(Provider, seller.provider.id)
    assert (provider.legal_name, provider.display_name) == ("Sample Stoves Ltd", "Stoves <b>")
    assert provider.town == "Tamale"


# The self-test.


@pytest.fixture
def untested(seller: Seller, session: Session) -> ProviderPayeeAccount:
    account = session.scalars(select(ProviderPayeeAccount)).one()
    account.tested_at = None
    session.commit()
    return account


def trial_of(session: Session) -> Order:
    session.expire_all()
    return session.scalars(select(Order).where(Order.trial)).one()


def test_an_account_is_tried_out_at_its_gateway(
    app: Flask, seller: Seller, untested: ProviderPayeeAccount, session: Session, fakes: Fakes
):
    page = seller.client.get(HOME)
    assert "Try out how you are paid" in page.text
    page = page.follow("Look at it PayPal, with your own application")
    begun = page.form(f"{HOME}/payee-accounts/{untested.id}/trial").submit(status=303, follow=False)
    on_the_way = seller.client.get(begun.location)
    order = trial_of(session)
    [checkout] = fakes.gateway.checkouts.values()
    assert checkout.amount == order.total
    assert checkout.external_id in on_the_way.response.headers["Refresh"]
    fakes.gateway.approve(checkout.external_id)
    back = seller.client.get(f"{HOME}/trials/{order.number}?back=paid")
    assert "The money has to come in full" in back.text
    payment = latest_payment_of(session, order.id)
    assert payment is not None
    assert jobs(session, "look_at_payment") == [{"payment_id": str(payment.id)}]
    look_at_payment(app.extensions["vcp_works"], payment.id)
    moved = seller.client.get(f"{HOME}/trials/{order.number}", headers={"HX-Request": "true"})
    assert "The money has come in full" in moved.text
    assert trial_of(session).state == OrderState.REFUND_DUE
    listed = seller.client.get(f"{HOME}/orders")
    assert "Trial" in listed.text
    assert listed.follow(order.number).h1 == f"Trial payment {order.number}"
    assert "Buyers can use it" in seller.client.get(HOME).text


def test_a_transfer_to_oneself_is_confirmed_as_any(seller: Seller, session: Session):
    bank = make_bank_account(session, seller.provider).account
    bank.tested_at = None
    session.commit()
    page = seller.client.get(f"{HOME}/payee-accounts/{bank.id}")
    page = page.form(f"{HOME}/payee-accounts/{bank.id}/trial").submit()
    order = trial_of(session)
    assert "DE89 3704 0044 0532 0130 00" in page.text
    desk = page.follow("Bank statements")
    desk.form(f"{HOME}/orders/{order.number}/received").submit(
        amount="1.00", received_on=str(order.placed_at.date())
    )
    page = seller.client.get(f"{HOME}/trials/{order.number}")
    assert "The money has come in full" in page.text
    session.refresh(bank)
    assert bank.tested_at is not None


def test_a_provider_that_is_not_approved_tries_nothing_out(nora: Newcomer, session: Session):
    nora.client.get(HOME).form().submit()
    account = make_payee_account(session, nora.provider, tested_at=None)
    session.commit()
    page = nora.client.get(f"{HOME}/payee-accounts/{account.id}")
    assert "You can try your accounts out once you are approved." in page.text
    assert page.forms(f"{HOME}/payee-accounts/{account.id}/trial") == []
