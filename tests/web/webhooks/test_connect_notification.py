"""Events of accounts that are connected to the platform's at Stripe: one address, whose it is stands in the event."""

import json

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.integrations.gateways.fake import FakeGateway
from app.integrations.gateways.interface import CONNECT
from tests.factories import make_payee_account, make_provider
from tests.journey import Journey
from tests.web.conftest import Fakes
from tests.web.webhooks.conftest import Kept


class Naming(FakeGateway):
    """Signs for nobody in particular: only the account that was looked up matters here."""

    def __init__(self) -> None:
        super().__init__("stripe")
        self.asked: list[str] = []

    def verify(self, raw, headers, account, now):
        self.asked.append(account.external_id)
        return super().verify(raw, headers, account, now)


@pytest.fixture
def gateway(fakes: Fakes, app: Flask) -> Naming:
    found = Naming()
    app.extensions["vcp_works"].neighbours.gateways["stripe"] = found
    return found


def send(app: Flask, raw: bytes, to: str = "connect") -> TestResponse:
    return app.test_client().post(f"/webhooks/stripe/{to}", data=raw, content_type="application/json")


def test_the_account_that_is_named_is_asked_for(app: Flask, journey: Journey, gateway: Naming, kept: Kept):
    with journey.sessions.begin() as session:
        for mode in (CONNECT, "own_key"):
            provider = make_provider(session, account=False)
            make_payee_account(session, provider, gateway="stripe", mode=mode, external_id=f"acct_{mode}")
    assert send(app, json.dumps({"account": "acct_connect"}).encode()).status_code == 400  # it is not signed
    assert gateway.asked == ["acct_connect"]
    # An account with a key of its own has its own address, and the other way round.
    assert send(app, json.dumps({"account": "acct_own_key"}).encode()).status_code == 400
    assert gateway.asked == ["acct_connect"]
    assert kept.notifications() == []


@pytest.mark.parametrize("gateway_code", ["paypal", "bank", "nobody"])
def test_a_gateway_that_connects_nobody_has_no_such_address(
    app: Flask, journey: Journey, kept: Kept, gateway_code: str
):
    with journey.sessions.begin() as session:
        provider = make_provider(session, account=False)
        make_payee_account(session, provider, gateway="stripe", mode=CONNECT, external_id="acct_connect")
    raw = json.dumps({"account": "acct_connect"}).encode()
    answer = app.test_client().post(f"/webhooks/{gateway_code}/connect", data=raw)
    assert answer.status_code == 400
    assert kept.notifications() == []


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b'{"account": null}', b'{"account": "acct_nobody"}', b"\xff"]
)
def test_whoever_is_not_connected_here_is_refused_without_a_trace(
    app: Flask, gateway: Naming, kept: Kept, raw: bytes
):
    assert send(app, raw).status_code == 400
    assert (gateway.asked, kept.notifications()) == ([], [])


def test_a_connected_account_has_no_address_of_its_own(app: Flask, journey: Journey, gateway: Naming):
    with journey.sessions.begin() as session:
        provider = make_provider(session, account=False)
        account = make_payee_account(session, provider, gateway="stripe", mode=CONNECT)
    assert send(app, b"{}", to=str(account.id)).status_code == 404
    assert gateway.asked == []
