"""Trying accounts out, other credentials and the way into a gateway's sign-up: committed around each call."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.payments.models import AccountState, PaymentState, ProviderPayeeAccount
from app.domain.payments.payees.apply_change import apply_change
from app.domain.payments.payees.ask_change import ask_change
from app.domain.payments.payees.confirm_change import WAIT, confirm_change
from app.domain.people.models import Provider
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.gateways.fake import FakeGateway
from app.integrations.gateways.interface import (
    AccountReport,
    Applicant,
    NextStep,
    PayeeAccount,
    PayeeProblem,
    Webhook,
)
from app.shells.apply_payee_change import apply_payee_change
from app.shells.expire import expire
from app.shells.lead_in_account import lead_in_account
from app.shells.look_at_payment import look_at_payment
from app.shells.probe_account import probe_account
from app.shells.rotate_secret import rotate_secret
from app.shells.sweep import sweep
from tests.domain.payments.payees.people import add, change_of, make_house, other_details
from tests.factories import HOLD, PAYEE_SECRET, make_payee_account
from tests.journey import Journey


class Signing(FakeGateway):
    """Has a sign-up of its own, and remembers with which secrets it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: list[str] = []
        self.refuses_webhooks = False
        self.shared = ""  # what its notifications are signed with

    def probe(self, account: PayeeAccount, key: str) -> AccountReport:
        self.secrets.append(account.secret)
        return super().probe(account, key)

    def ensure_webhook(self, account: PayeeAccount, url: str) -> Webhook:
        if self.refuses_webhooks:
            raise Refused("connect_webhook_missing")
        return Webhook(super().ensure_webhook(account, url).id, self.shared)

    def lead_in(self, account: PayeeAccount, applicant: Applicant, return_url: str, key: str) -> NextStep:
        self.calls.append(("lead_in", applicant.legal_name, key))
        return NextStep(account.external_id or "acct_1", f"https://gateway.test/join?back={return_url}")


@pytest.fixture
def gateway() -> Signing:
    return Signing()


@pytest.fixture
def journey(settings, engine, gateway: Signing) -> Journey:
    return Journey(settings, engine, gateway=gateway)


@pytest.fixture
def person(journey: Journey) -> UUID:
    with journey.sessions.begin() as session:
        return make_house(session).ada


def account(journey: Journey, account_id: UUID) -> ProviderPayeeAccount:
    with journey.sessions() as session:
        return session.get_one(ProviderPayeeAccount, account_id)


def make(journey: Journey, state: AccountState = AccountState.VERIFYING, **fields: object) -> UUID:
    with journey.sessions.begin() as session:
        provider = make_house(session).provider
        return make_payee_account(session, provider, state=state, webhook_id="", **fields).id  # type: ignore[arg-type]


def test_an_account_is_tried_out_and_registered(journey: Journey, gateway: Signing):
    account_id, gateway.shared = make(journey), "whsec-1"
    assert probe_account(journey.works, account_id) == AccountState.ACTIVE
    found = account(journey, account_id)
    assert (found.webhook_id, found.statement_text) == ("WEBHOOK1", "FAKE")
    assert journey.works.sealer.of(account_id).open(found.webhook_secret_sealed or b"") == "whsec-1"
    assert gateway.secrets == [PAYEE_SECRET]


@pytest.mark.parametrize("state", [AccountState.DRAFT, AccountState.REVOKED])
def test_what_is_no_account_in_use_is_left_alone(journey: Journey, gateway: Signing, state: AccountState):
    assert probe_account(journey.works, make(journey, state)) == state
    assert gateway.secrets == []


@pytest.mark.parametrize("error", [TryAgain("unavailable"), OutcomeUnknown("timeout")])
def test_a_gateway_that_is_away_changes_nothing(journey: Journey, gateway: Signing, error: Exception):
    account_id = make(journey, AccountState.ACTIVE)
    gateway.fail_next("probe", error)  # type: ignore[arg-type]
    with pytest.raises(type(error)):
        probe_account(journey.works, account_id)
    assert (account(journey, account_id).state, account(journey, account_id).probed_at) == (
        AccountState.ACTIVE,
        None,
    )


def test_without_an_endpoint_of_ours_the_account_is_used_all_the_same(journey: Journey, gateway: Signing):
    account_id, gateway.refuses_webhooks = make(journey), True
    assert probe_account(journey.works, account_id) == AccountState.ACTIVE


def test_a_new_secret_is_tried_before_the_old_one_is_let_go(journey: Journey, gateway: Signing, person: UUID):
    account_id = make(journey, AccountState.DEGRADED, state_reason="credentials_refused")
    gateway.fail_next("probe", PayeeProblem("credentials_refused"))
    with pytest.raises(PayeeProblem):
        rotate_secret(journey.works, account_id, "", "mistyped", person)
    sealer = journey.works.sealer.of(account_id)
    assert sealer.open(account(journey, account_id).secret_sealed) == PAYEE_SECRET
    assert rotate_secret(journey.works, account_id, "client-2", "new", person) == AccountState.ACTIVE
    found = account(journey, account_id)
    assert (sealer.open(found.secret_sealed), found.client_id) == ("new", "client-2")
    assert gateway.secrets == ["mistyped", "new"]


def test_what_was_under_way_with_the_old_secret_does_not_undo_the_new_one(
    journey: Journey, gateway: Signing, person: UUID
):
    account_id = make(journey, AccountState.ACTIVE)

    def rotate_meanwhile(account: PayeeAccount, key: str) -> AccountReport:
        del gateway.probe  # type: ignore[method-assign]
        rotate_secret(journey.works, account_id, "", "new", person)
        raise PayeeProblem("credentials_refused")

    gateway.probe = rotate_meanwhile  # type: ignore[method-assign]
    assert probe_account(journey.works, account_id) == AccountState.ACTIVE


def test_a_provider_is_led_in_twice_to_the_same_account(journey: Journey, gateway: Signing, person: UUID):
    account_id = make(journey, AccountState.DRAFT, external_id="", mode="connect")
    for _ in range(2):
        address = lead_in_account(journey.works, account_id, person, "https://back.test/")
        assert address == "https://gateway.test/join?back=https://back.test/"
    found = account(journey, account_id)
    assert (found.state, found.external_id) == (AccountState.VERIFYING, "acct_1")
    assert {key for _, _, key in gateway.calls} == {f"{account_id}:lead_in"}


def test_the_sweeper_tries_accounts_out_once_and_applies_changes_in_time(journey: Journey):
    account_id = make(journey, AccountState.ACTIVE)
    with journey.sessions.begin() as session:
        house = make_house(session)
        bank = add(session, house)
        confirm_change(session, change_of(session, bank).id, house.ben, journey.now)
        change = ask_change(session, bank.id, other_details(), house.ada, journey.now)
        confirm_change(session, change.id, house.ben, journey.now)
        change_id, bank_id = change.id, bank.id
    journey.passed += timedelta(hours=7)
    sweep(journey.works)
    sweep(journey.works)
    assert journey.jobs("probe_account") == [{"account_id": str(account_id)}]
    apply_payee_change(journey.works, change_id)
    assert account(journey, bank_id).external_id != other_details().identifier
    journey.passed += WAIT
    apply_payee_change(journey.works, change_id)
    assert account(journey, bank_id).external_id == other_details().identifier
    with journey.sessions.begin() as session:
        assert apply_change(session, change_id, journey.now).state == "applied"


def test_dead_credentials_take_the_account_out_and_hold_no_units(journey: Journey, gateway: Signing):
    order = journey.place(20)
    payment = journey.start(order)
    gateway.fail_next("fetch", PayeeProblem("credentials_refused"))
    look_at_payment(journey.works, payment.id)
    assert account(journey, payment.account_id).state == AccountState.DEGRADED
    assert len(journey.mails("method_unavailable")) == 1
    journey.passed += HOLD + timedelta(minutes=1)
    gateway.fail_next("fetch", PayeeProblem("credentials_refused"))
    expire(journey.works, order.id)
    assert journey.fresh(order).state == "expired"


def test_an_approval_under_dead_credentials_is_taken_up_when_they_live_again(
    journey: Journey, gateway: Signing
):
    order = journey.place(20)
    payment = journey.approve(order)
    gateway.fail_next("capture", TryAgain("unavailable"))
    with pytest.raises(TryAgain):
        journey.look(order)
    with journey.sessions.begin() as session:
        kept = session.get_one(type(payment), payment.id)
        kept.capture_asked_at = None
    journey.passed += HOLD + timedelta(minutes=1)
    gateway.fail_next("fetch", PayeeProblem("credentials_refused"))
    expire(journey.works, order.id)
    assert journey.fresh(order).state == "expired"
    assert probe_account(journey.works, payment.account_id) == AccountState.ACTIVE
    journey.look(order)
    with journey.sessions() as session:
        assert session.get_one(type(payment), payment.id).state == PaymentState.CAPTURED
        assert session.get_one(Provider, order.provider_id).state == "active"
    assert journey.fresh(order).state == "cancelling"
