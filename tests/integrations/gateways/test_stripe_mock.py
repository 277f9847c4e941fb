"""The Stripe adapter before Stripe's own validator: every request that it makes is one that Stripe has."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest

from app.integrations.errors import Refused, TryAgain
from app.integrations.gateways.interface import Entry, PayeeAccount
from app.integrations.gateways.stripe import StripeGateway
from app.integrations.gateways.stripe.sessions import session_request
from app.money import Money
from tests import stripe_mock
from tests.integrations.gateways.worlds import new_attempt, now

EUR = Money(100, "EUR")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stripe_mock.running(tmp_path_factory.mktemp("stripe-mock") / "log") as found:
        yield found


@pytest.fixture(scope="module", params=["own_key", "connect"])
def account(request: pytest.FixtureRequest) -> PayeeAccount:
    return PayeeAccount("account-1", "stripe", request.param, "acct_1", "", "sk_test_123", livemode=False)


@pytest.fixture
def gateway(address: str, account: PayeeAccount, monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeGateway]:
    gateway = StripeGateway(address, "sk_test_123", "whsec_1")
    assert gateway._calls.owner(account).startswith("acct_")
    # It makes up another account each time that it is asked whose key this is.
    monkeypatch.setattr(gateway._calls, "owner", lambda _: account.external_id)
    yield gateway
    gateway.close()


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Method and path of everything that is sent, with the answer's status."""
    seen: list[tuple[str, int]] = []
    really_send = httpx.HTTPTransport.handle_request

    def send(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        answer = really_send(self, request)
        name = request.url.path.rsplit("/", 1)[1]
        seen.append((f"{request.method} {name.partition('_')[0]}", answer.status_code))
        return answer

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", send)
    return seen


def test_every_request_is_one_that_stripe_has(
    gateway: StripeGateway, account: PayeeAccount, wire: list[tuple[str, int]]
):
    attempt = new_attempt()
    step = gateway.start(attempt, account, attempt.id)
    attempt = replace(attempt, external_id=step.external_id)
    for ask in (
        lambda: gateway.fetch(attempt, account),
        lambda: gateway.capture(attempt, account, "capture"),
        lambda: gateway.release(attempt, account, "release"),
        lambda: gateway.refund(attempt, account, Entry("receipt", "ch_1", EUR, now()), EUR, "refund"),
        lambda: gateway.ensure_webhook(account, "https://cancel.example.org/webhooks/stripe/1"),
    ):
        # Its sessions have no amount and its endpoints no secret, which we cannot read; nor does it know our endpoint.
        with suppress(TryAgain, Refused):
            ask()
    calls = gateway._calls
    # It keeps nothing: what its own sessions do not lead to is asked for by itself.
    for act in (
        lambda client, options: client.v1.payment_intents.capture(
            "pi_1", {"expand": ["latest_charge"]}, options
        ),
        lambda client, options: client.v1.payment_intents.cancel(
            "pi_1", {"cancellation_reason": "abandoned"}, options
        ),
        lambda client, options: client.v1.refunds.create(
            {"charge": "ch_1", "amount": 100, "metadata": {"key": "k", "payment": "p"}}, options
        ),
        lambda client, options: client.v1.disputes.list({"payment_intent": "pi_1", "limit": 100}, options),
        lambda client, options: client.v1.refunds.list({"payment_intent": "pi_1", "limit": 100}, options),
    ):
        calls.write(account, "key", act)
    assert {"POST sessions", "POST expire", "POST capture", "POST cancel", "POST refunds"} <= {
        name for name, _ in wire
    }
    assert {status for _, status in wire} == {200}
    assert ("POST webhook", 200) in wire or account.mode == "connect"


def test_it_would_notice(gateway: StripeGateway, account: PayeeAccount):
    """The check above is worth something: a parameter that Stripe does not have is refused."""
    wrong = session_request(new_attempt()) | {"colour": "red"}
    with pytest.raises(Refused):
        gateway._write(
            account, "key", lambda client, options: client.v1.checkout.sessions.create(wrong, options)
        )
