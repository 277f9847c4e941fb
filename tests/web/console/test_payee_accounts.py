"""Getting paid: a provider's accounts in the console, from adding one to taking it off, by one person and by two."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, sessionmaker

from app.database import make_sessions
from app.domain.mails.models import Mail
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payee_models import ChangeState, PayeeChange
from app.domain.people.models import Provider, SignIn
from app.factory import create_app
from app.integrations.errors import TryAgain
from app.integrations.gateways.fake import FakeGateway
from app.integrations.gateways.interface import AccountReport, Applicant, NextStep, PayeeAccount, PayeeProblem
from app.settings import Settings
from app.shells.works import Works
from tests.bank import make_bank_account, make_transfer
from tests.domain.payments.bank.accounts import AMERICAN, GERMAN
from tests.factories import make_payee_account, make_provider
from tests.web.conftest import Fakes
from tests.web.pages import Client, Page
from tests.web.roles import sign_in_administrator, sign_in_provider

LIST = "/en/console/payee-accounts"
SECRET = "canary-of-a-secret-key"
BANK = {
    **{name: GERMAN[name] for name in ("currency", "holder", "bank_name", "iban", "bic")},
    "hold_days": "14",
    "zone": "Europe/Berlin",
    "tolerance": "3,00",
    "two_persons_from": "1000",
}


@dataclass
class Desk:
    """Ada and Ben of one provider, each in a browser of their own, with a second factor shown just now."""

    app: Flask
    sessions: sessionmaker[Session]
    provider: Provider
    ada: Client
    ben: Client

    def accounts(self) -> list[ProviderPayeeAccount]:
        with self.sessions() as session:
            return list(
                session.scalars(
                    select(ProviderPayeeAccount)
                    .where(ProviderPayeeAccount.provider_id == self.provider.id)
                    .order_by(ProviderPayeeAccount.created_at)
                )
            )

    def account(self, account_id: UUID) -> ProviderPayeeAccount:
        with self.sessions() as session:
            return session.get_one(ProviderPayeeAccount, account_id)

    def change(self) -> PayeeChange:
        """The change that was asked for last."""
        with self.sessions() as session:
            return session.scalars(select(PayeeChange).order_by(PayeeChange.asked_at.desc()).limit(1)).one()

    def opens(self, account: ProviderPayeeAccount) -> str:
        works: Works = self.app.extensions["vcp_works"]
        return works.sealer.of(account.id).open(account.secret_sealed)

    def make(self, **fields: object) -> UUID:
        with self.sessions.begin() as session:
            return make_payee_account(session, session.merge(self.provider), **fields).id  # type: ignore[arg-type]

    def make_bank(self) -> UUID:
        with self.sessions.begin() as session:
            return make_bank_account(session, session.merge(self.provider)).account_id

    def new(self, client: Client, method: str = "paypal", mode: str = "own_app", **query: str) -> Page:
        return client.get(f"{LIST}/new", query_string={"method": method, "mode": mode, **query})

    def add_bank(self, client: Client, country: str = "DE", **fields: str) -> Page:
        form = self.new(client, "bank", "own_account", country=country).form()
        return form.submit(**{**BANK, **fields})


@pytest.fixture
def desk(app: Flask, engine: Engine, client: Client) -> Desk:
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        provider = make_provider(session, "Sample Stoves Ltd", account=False)
        [account] = [each.account_id for each in provider.registry_accounts]
    ada, ben = client, Client(app.test_client())
    for name, browser in (("Ada", ada), ("Ben", ben)):
        sign_in_provider(
            app, browser, account, acr="2", name=f"{name} Sample", email=f"{name}@stoves.example"
        )
    return Desk(app, sessions, provider, ada, ben)


def test_who_has_no_account_is_told_what_to_do_first(desk: Desk):
    page = desk.ada.get(LIST)
    assert "Begin with your bank account" in page.text
    assert "Bank transfer" in page.text
    assert "PayPal, with your own application" in page.text
    assert "experimental" not in page.text
    assert "Stripe" not in page.text, "this installation has none"
    assert desk.ada.get("/en/console").link("Getting paid") == LIST


def test_an_account_is_added_tried_out_and_used(desk: Desk, fakes: Fakes):
    form = desk.new(desk.ada).form()
    page = form.submit(external_id="SAMPLE2345678", client_id="client", secret=SECRET, currencies="usd, EUR")
    [account] = desk.accounts()
    assert page.url == f"{LIST}/{account.id}"
    assert "Your account there can receive payments." in page.text
    assert (account.state, account.currencies) == (AccountState.ACTIVE, ["EUR", "USD"])
    assert desk.opens(account) == SECRET
    assert account.webhook_id.startswith("WEBHOOK")
    for seen in (page, desk.ada.get(LIST), desk.ada.get(f"{page.url}/secret")):
        assert SECRET not in seen.response.text
    with desk.sessions() as session:
        told = session.scalars(select(Mail.to).where(Mail.kind == "payee_account_changed")).all()
    assert sorted(told) == sorted(["Ada@stoves.example", "Ben@stoves.example", desk.provider.contact_email])


def test_what_is_missing_is_said_and_the_secret_is_not_shown_again(desk: Desk):
    page = (
        desk.new(desk.ada)
        .form()
        .submit(external_id="", client_id="client", secret=SECRET, currencies="dollars", status=422)
    )
    assert set(page.errors) == {"external_id", "currencies"}
    assert page.one("#client_id")["value"] == "client"
    assert SECRET not in page.response.text
    assert desk.accounts() == []


def test_credentials_that_open_nothing_are_said_and_can_be_replaced(desk: Desk, fakes: Fakes):
    fakes.gateway.fail_next("probe", PayeeProblem("credentials_refused"))
    page = (
        desk.new(desk.ada)
        .form()
        .submit(external_id="SAMPLE2345678", client_id="c", secret="wrong", currencies="USD")
    )
    assert "The credentials that you gave us are not accepted any more." in page.text
    assert "Enter new credentials." in page.text
    page = page.follow("Replace the credentials").form().submit(client_id="", secret=SECRET)
    [account] = desk.accounts()
    assert (account.state, account.client_id, desk.opens(account)) == (AccountState.ACTIVE, "c", SECRET)
    assert "Replaced, and tried out." in page.text


def test_a_service_that_is_away_is_tried_again_later(desk: Desk, fakes: Fakes):
    fakes.gateway.fail_next("probe", TryAgain("unavailable"))
    page = (
        desk.new(desk.ada)
        .form()
        .submit(external_id="SAMPLE2345678", client_id="c", secret=SECRET, currencies="USD")
    )
    assert "PayPal cannot be reached at the moment." in page.text
    [account] = desk.accounts()
    assert account.state == AccountState.VERIFYING
    page = page.form(f"{LIST}/{account.id}/probe").submit()
    assert "Not tried out yet" in page.text


def test_a_new_secret_that_does_not_work_leaves_the_old_one(desk: Desk, fakes: Fakes):
    account_id = desk.make()
    before = desk.opens(desk.account(account_id))
    for error, said in (
        (PayeeProblem("credentials_refused"), "The old one stays."),
        (PayeeProblem("wrong_account"), "belong to another account"),
        (TryAgain("unavailable"), "cannot be reached at the moment"),
    ):
        fakes.gateway.fail_next("probe", error)
        page = desk.ada.get(f"{LIST}/{account_id}/secret").form().submit(secret=SECRET, status=422)
        assert said in page.error("secret")
        assert SECRET not in page.response.text
    account = desk.account(account_id)
    assert (desk.opens(account), account.secret_changed_at) == (before, None)
    assert (
        "Enter the secret key." in desk.ada.get(f"{LIST}/{account_id}/secret").form().submit(status=422).text
    )


def test_how_an_account_fares_is_said(desk: Desk, fakes: Fakes):
    account_id = desk.make(state=AccountState.DEGRADED, state_reason="account_restricted")
    page = desk.ada.get(LIST)
    assert "Out of order" in page.text
    assert "The account is restricted." in page.text
    assert "Look into your account at PayPal, then try it out here." in page.text
    assert "Last payment none yet" in page.text
    page = desk.ada.get(f"{LIST}/{account_id}").form(f"{LIST}/{account_id}/probe").submit()
    assert "Buyers can use it" in page.text


def test_the_overview_says_what_is_the_matter(desk: Desk):
    assert desk.ada.get("/en/console").link("Say where you are paid") == LIST
    desk.make()
    assert "Say where you are paid" not in desk.ada.get("/en/console").text
    account_id = desk.make(state=AccountState.DEGRADED, state_reason="account_restricted")
    page = desk.ada.get("/en/console")
    assert "The account is restricted." in page.text
    assert page.link("PayPal, with your own application") == f"{LIST}/{account_id}"
    desk.add_bank(desk.ada)
    assert "Bank details wait for a second person" in desk.ben.get("/en/console").text


# Bank accounts.


def test_the_first_bank_account_is_confirmed_by_the_second_person(desk: Desk):
    page = desk.add_bank(desk.ada)
    [account] = desk.accounts()
    assert "Waits for a second person" in page.text
    assert "Somebody else of yours has to confirm it." in page.text
    assert page.forms(f"/en/console/payee-changes/{desk.change().id}/confirm") == []
    page = desk.ben.get(LIST).follow("Look at it and confirm")
    assert "Ada Sample asked for this" in page.text
    assert "DE89 3704 0044 0532 0130 00" in page.text
    page = page.form(f"/en/console/payee-changes/{desk.change().id}/confirm").submit()
    assert "Buyers can pay to this account now." in page.text
    account = desk.account(account.id)
    assert (account.state, account.external_id) == (AccountState.ACTIVE, "DE89370400440532013000")
    page = desk.ada.get(f"{LIST}/{account.id}")
    assert "14" in page.text
    assert "€1,000.00" in page.text


def test_who_asked_cannot_confirm_by_the_address_either(desk: Desk):
    desk.add_bank(desk.ada)
    address = f"/en/console/payee-changes/{desk.change().id}/confirm"
    page = desk.ada.get(address)
    token = page.form(f"/en/console/payee-changes/{desk.change().id}/withdraw").fields["csrf_token"]
    page = desk.ada.post(address, {"csrf_token": token}, status=422)
    assert "You asked for it yourself" in page.text
    assert desk.change().state == ChangeState.ASKED


def test_a_change_waits_three_days_and_anybody_withdraws_it(desk: Desk):
    account_id = desk.make_bank()
    form = desk.ada.get(f"{LIST}/{account_id}/details").form()
    assert form.fields["iban"] == ["DE89370400440532013000"]
    page = form.submit(iban="DE02 1203 0000 0000 2020 51", bic="BYLADEM1001")
    assert "Nothing changes until a second person has confirmed it." in page.text
    page = desk.ben.get(f"/en/console/payee-changes/{desk.change().id}/confirm")
    assert "DE89 3704 0044 0532 0130 00" in page.text
    page = page.form(f"/en/console/payee-changes/{desk.change().id}/confirm").submit()
    assert "It takes effect on" in page.text
    change = desk.change()
    assert change.effective_at is not None
    assert change.decided_at is not None
    assert change.effective_at - change.decided_at == timedelta(hours=72)
    page = desk.ada.get(f"{LIST}/{account_id}")
    page = page.form(f"/en/console/payee-changes/{change.id}/withdraw").submit()
    assert "Withdrawn. The bank details stay as they are." in page.text
    assert desk.change().state == ChangeState.WITHDRAWN
    assert "DE89 3704 0044 0532 0130 00" in page.text


def test_withdrawing_asks_for_no_second_factor(desk: Desk):
    desk.add_bank(desk.ada)
    plain = Client(desk.app.test_client())
    sign_in_provider(desk.app, plain, desk.provider.registry_accounts[0].account_id)
    page = plain.get(LIST)
    page.form(f"/en/console/payee-changes/{desk.change().id}/withdraw").submit()
    assert desk.change().state == ChangeState.WITHDRAWN


def test_a_country_without_iban_asks_for_its_own_numbers(desk: Desk):
    page = desk.new(desk.ada, "bank", "own_account")
    assert "In which country is the account kept?" in page.text
    page = page.form(f"{LIST}/new").submit(country="US")
    assert page.soup.find(id="iban") is None
    wanted = {name: AMERICAN[name] for name in ("currency", "holder", "bank_name", "bic", "bank_address")}
    page = page.form().submit(
        **{**wanted, "routing": "123456789", "account": "12345678", "hold_days": "99"}, status=422
    )
    assert set(page.errors) == {"routing", "hold_days"}
    assert "check digit" in page.error("routing")
    page = page.form().submit(routing=AMERICAN["local"]["routing"], hold_days="10")
    assert "Routing number (ABA)" in page.text


def test_nobody_else_means_the_administrators(desk: Desk):
    desk.add_bank(desk.ada)
    change_id = desk.change().id
    administrator = Client(desk.app.test_client())
    sign_in_administrator(desk.app, administrator, name="Vera Sample")
    page = administrator.get(f"/en/console/admin/providers/{desk.provider.id}").follow(
        "Be the second person…"
    )
    assert "IBAN: DE89 3704 0044 0532 0130 00" in page.text
    assert "somebody else who can confirm it" in page.form().submit(reason="called them", status=422).text
    assert "asks" not in desk.ada.get(f"{LIST}/{desk.accounts()[0].id}").text
    with desk.sessions.begin() as session:
        ben = select(SignIn.id).join(SignIn.person).where(SignIn.person.has(email="Ben@stoves.example"))
        session.execute(update(SignIn).where(SignIn.id.in_(ben)).values(accounts=[]))
    assert "ask the platform’s administrators" in desk.ada.get(f"{LIST}/{desk.accounts()[0].id}").text
    assert "Write why." in page.form().submit(status=422).text
    page.form().submit(reason="called them")
    assert desk.account(desk.accounts()[0].id).state == AccountState.ACTIVE
    assert desk.change().id == change_id


def test_choices_hold_at_once(desk: Desk):
    account_id = desk.make_bank()
    form = desk.ada.get(f"{LIST}/{account_id}/choices").form()
    assert form.submit(tolerance="lots", status=422).error("tolerance")
    page = form.submit(tolerance="2.50", hold_days="7", two_persons_from="")
    assert "€2.50" in page.text
    assert "no amount" in page.text


def test_an_account_of_another_provider_is_taken(desk: Desk):
    with desk.sessions.begin() as session:
        make_payee_account(session, make_provider(session), external_id="SAMPLE2345678")
    page = (
        desk.new(desk.ada)
        .form()
        .submit(external_id="SAMPLE2345678", client_id="c", secret=SECRET, currencies="USD", status=422)
    )
    assert "on the platform already" in page.error("external_id")


# Taking off.


def test_the_last_bank_account_stays_and_the_page_says_what_to_do(desk: Desk):
    with desk.sessions.begin() as session:
        provider = session.merge(desk.provider)
        make_bank_account(session, provider)
        account_id = make_transfer(session, provider).account_id
    page = desk.ada.get(f"{LIST}/{account_id}").follow("Take it off…")
    page = page.form().submit(status=422)
    assert "your last bank account in EUR" in page.text
    assert "add another bank account first" in page.text
    assert desk.account(account_id).state == AccountState.ACTIVE


def test_an_account_is_taken_off_and_connected_again(desk: Desk):
    account_id = desk.make()
    page = desk.ada.get(f"{LIST}/{account_id}").follow("Take it off…").form().submit()
    assert "Taken off. Buyers are not offered it any more." in page.text
    assert "Taken off" in desk.ada.get(LIST).text
    page = page.follow("Connect it again…").form().submit()
    assert "Your account there can receive payments." in page.text


# Who may.


def test_what_was_typed_comes_back_after_the_second_factor_but_never_the_secret(desk: Desk):
    form = desk.new(desk.ada).form()
    with desk.sessions.begin() as session:
        session.execute(update(SignIn).values(auth_time=SignIn.auth_time - timedelta(minutes=10)))
    typed = {"external_id": "SAMPLE2345678", "client_id": "client-1", "secret": SECRET, "currencies": "USD"}
    answer = desk.ada.inner.post(
        f"{LIST}/new",
        data={**{name: value[0] for name, value in form.fields.items()}, **typed},
    )
    assert answer.status_code == 401
    with desk.ada.inner.session_transaction() as kept:
        assert "client-1" in str(dict(kept))
        assert SECRET not in str(dict(kept))
    with desk.sessions.begin() as session:
        session.execute(update(SignIn).values(auth_time=SignIn.auth_time + timedelta(minutes=10)))
    page = desk.new(desk.ada)
    assert page.one("#client_id")["value"] == "client-1"
    assert page.one("#secret").get("value", "") == ""


def test_an_unknown_way_is_not_found(desk: Desk):
    for mode in ("partner", "payee"):  # neither is configured here
        desk.ada.get(f"{LIST}/new?method=paypal&mode={mode}", status=404)
    desk.ada.get(f"{LIST}/new?method=stripe&mode=connect", status=404)
    desk.ada.get(f"{LIST}/new", status=404)
    desk.ada.get(f"{LIST}/{desk.make_bank()}/secret", status=404)
    desk.ada.get(f"{LIST}/{desk.make()}/details", status=404)


class Joining(FakeGateway):
    """A gateway with a sign-up of its own; `through` once the provider has finished there."""

    through = False

    def lead_in(self, account: PayeeAccount, applicant: Applicant, return_url: str, key: str) -> NextStep:
        if applicant.country == "ZZ":
            raise TryAgain("unavailable")
        return NextStep("acct_1", f"https://gateway.test/join?back={return_url}")

    def probe(self, account: PayeeAccount, key: str) -> AccountReport:
        if not self.through:
            raise PayeeProblem("not_enabled")
        return super().probe(account, key)


def test_a_provider_is_led_into_the_gateway_and_back(
    settings: Settings, engine: Engine, fakes: Fakes, desk: Desk
):
    gateway = Joining("stripe")
    there = replace(fakes.neighbours, gateways={**fakes.neighbours.gateways, "stripe": gateway})
    connect = replace(settings, stripe_connect_key="rk_live_x", stripe_connect_secret="whsec")
    client = Client(create_app(connect, neighbours=there, engine=engine).test_client())
    [account] = [each.account_id for each in desk.provider.registry_accounts]
    sign_in_provider(desk.app, client, account, acr="2")
    form = client.get(LIST).follow("Add Cards through Stripe, connected to this platform").form()
    page = form.submit(currencies="USD")
    [made] = desk.accounts()
    address = f"https://gateway.test/join?back={connect.public_url}/en/console/payee-accounts/{made.id}/back"
    assert page.link("Go to Stripe") == address
    assert page.response.headers["Refresh"] == f"0; url={address}"
    assert (made.state, made.external_id) == (AccountState.VERIFYING, "acct_1")
    page = client.get(f"{LIST}/{made.id}/back")
    assert "The account is not set up for this kind of payment." in page.text
    assert page.form(f"{LIST}/{made.id}/lead-in").submit().link("Go to Stripe") == address
    gateway.through = True
    assert "Your account there can receive payments." in client.get(f"{LIST}/{made.id}/back").text
    assert desk.account(made.id).state == AccountState.ACTIVE


def test_a_sign_up_that_is_away_leaves_a_draft_to_go_on_with(
    settings: Settings, engine: Engine, fakes: Fakes, desk: Desk
):
    with desk.sessions.begin() as session:
        session.merge(desk.provider).country = "ZZ"
    there = replace(fakes.neighbours, gateways={**fakes.neighbours.gateways, "stripe": Joining("stripe")})
    connect = replace(settings, stripe_connect_key="rk_live_x", stripe_connect_secret="whsec")
    client = Client(create_app(connect, neighbours=there, engine=engine).test_client())
    sign_in_provider(desk.app, client, desk.provider.registry_accounts[0].account_id, acr="2")
    page = client.get(f"{LIST}/new?method=stripe&mode=connect").form().submit(currencies="USD")
    assert "Stripe has no sign-up page for you at the moment." in page.text
    assert "Not finished" in page.text
    assert desk.accounts()[0].state == AccountState.DRAFT
