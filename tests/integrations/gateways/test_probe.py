"""Trying a provider's account out, and leading a provider in: on the fake and on the sandboxes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.integrations.errors import TryAgain
from app.integrations.gateways.interface import Applicant, OnlyByHand, PayeeProblem
from tests.integrations.gateways.worlds import StripeWorld, World
from tests.neighbours import Program
from tests.sandbox.paypal.listener import Listener

APPLICANT = Applicant("Sample Provider Ltd", "MW", "sales@provider.example")
BACK = "http://127.0.0.1:9/en/console/payee-accounts/1/back"


@pytest.fixture
def connected(stripe_program: Program) -> Iterator[StripeWorld]:
    with Listener() as listener:
        world = StripeWorld(stripe_program, listener, mode="connect")
        yield world
        world.close()


def test_an_account_that_can_be_paid_is_told_by_its_name(world: World):
    report = world.gateway.probe(world.account, "probe-1")
    assert report.external_id == world.account.external_id
    assert report.livemode is world.account.livemode
    assert world.gateway.probe(world.account, "probe-1") == report


@pytest.mark.parametrize("name", ["sandbox", "stripe_sandbox"])
def test_credentials_that_open_nothing_are_the_providers_problem(request: pytest.FixtureRequest, name: str):
    world = request.getfixturevalue(name)
    for secret in ("rk_test_mistyped", ""):
        with pytest.raises(PayeeProblem):
            world.gateway.probe(replace(world.account, secret=secret or "x"), "probe-2")


def test_a_key_that_was_changed_is_noticed_though_it_was_good_before(stripe_sandbox: StripeWorld):
    stripe_sandbox.gateway.probe(stripe_sandbox.account, "probe-3")
    account = {"external_id": stripe_sandbox.seller.account_id, "client_secret": "rk_test_a_new_one"}
    stripe_sandbox.seller.http.post("/sandbox/accounts", json=account).raise_for_status()
    with pytest.raises(PayeeProblem, match="credentials_refused"):
        stripe_sandbox.gateway.probe(stripe_sandbox.account, "probe-4")


def test_a_key_says_whose_account_it_opens(stripe_sandbox: StripeWorld):
    nameless = replace(stripe_sandbox.account, external_id="")
    assert stripe_sandbox.gateway.probe(nameless, "p").external_id == stripe_sandbox.seller.account_id
    with pytest.raises(PayeeProblem, match="wrong_account"):
        stripe_sandbox.gateway.probe(replace(stripe_sandbox.account, external_id="acct_1Other"), "p")


def test_a_gateway_that_is_away_says_nothing_of_the_account(stripe_sandbox: StripeWorld):
    stripe_sandbox.fault("account", "rate_limited")
    with pytest.raises(TryAgain):
        stripe_sandbox.gateway.probe(stripe_sandbox.account, "p")


# At PayPal a partner's merchant is led in, and has no credentials of their own.
WITH_THEIR_OWN = ["fake", "sandbox", "payee_sandbox", "stripe_sandbox", "mollie_sandbox"]


@pytest.mark.parametrize("world", WITH_THEIR_OWN, indirect=True)
def test_own_credentials_lead_nowhere(world: World):
    with pytest.raises(OnlyByHand):
        world.gateway.lead_in(world.account, APPLICANT, BACK, "lead")


def test_a_provider_is_led_in_and_ready_when_stripe_says_so(connected: StripeWorld):
    gateway, nobody = connected.gateway, replace(connected.account, external_id="")
    step = gateway.lead_in(nobody, APPLICANT, BACK, "lead-in")
    again = gateway.lead_in(nobody, APPLICANT, BACK, "lead-in")
    assert again.external_id == step.external_id
    assert again.redirect_url != step.redirect_url, "a link is good once"
    account = replace(nobody, external_id=str(step.external_id))
    with pytest.raises(PayeeProblem, match="not_enabled"):
        gateway.probe(account, "p")
    assert again.redirect_url is not None
    assert connected.seller.http.post(again.redirect_url).headers["Location"] == BACK
    assert gateway.probe(account, "p").external_id == step.external_id


def test_consent_that_was_taken_back_is_told_from_other_problems(connected: StripeWorld):
    assert connected.gateway.probe(connected.account, "p").livemode is False
    account = {"external_id": connected.seller.account_id, "client_secret": "rk_test_of_their_own"}
    connected.seller.http.post("/sandbox/accounts", json=account).raise_for_status()
    with pytest.raises(PayeeProblem, match="consent_revoked"):
        connected.gateway.probe(connected.account, "p")
