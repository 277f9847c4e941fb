"""PayPal's events of accounts that are paid through the platform's application: whose it is stands in the event."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.domain.payments.models import AccountState, Payment, ProviderPayeeAccount
from app.integrations.gateways.fake import FakeGateway
from app.integrations.gateways.interface import Hint, NotificationRefused, PayeeAccount
from app.integrations.gateways.paypal.events import read_event
from tests.factories import make_payee_account, make_provider
from tests.journey import Journey
from tests.web.conftest import Fakes
from tests.web.webhooks.conftest import Kept

MERCHANT = "SAMPLE2345678"
EMAIL = "seller@sample.example"
GENUINE = {"Signed-For": "WEBHOOK"}


class Platform(FakeGateway):
    """Verifies by webhook as PayPal does, and reads PayPal's own events."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[PayeeAccount] = []

    def verify(self, raw, headers, account, now):
        self.asked.append(account)
        if headers.get("Signed-For") != account.webhook_id:
            raise NotificationRefused("bad_signature")
        event = read_event(raw)
        problem = "consent_revoked" if event.event_type.endswith("REVOKED") else None
        return Hint(
            event.event_id,
            event.event_type,
            event.external_ids,
            event.references,
            about_account=event.event_type == "MERCHANT.ONBOARDING.COMPLETED",
            account_problem=problem,
        )


@dataclass
class Scene:
    app: Flask
    journey: Journey
    gateway: Platform
    payment: Payment

    def account(self, **changes: Any) -> ProviderPayeeAccount:
        """Change the account that is paid in this scene, or only read it."""
        with self.journey.sessions.begin() as session:
            row = session.get_one(ProviderPayeeAccount, self.payment.account_id)
            for name, value in changes.items():
                setattr(row, name, value)
            session.flush()
            return row

    def send(self, event: Any, headers: dict[str, str] | None = None) -> TestResponse:
        raw = event if isinstance(event, bytes) else json.dumps(event).encode()
        return self.app.test_client().post("/webhooks/paypal/platform", data=raw, headers=headers or GENUINE)


@pytest.fixture
def scene(app: Flask, journey: Journey, fakes: Fakes) -> Scene:
    """An order that was sent to PayPal, whose provider is paid as a partner's merchant."""
    payment = journey.start(journey.place(20))
    gateway = Platform()
    app.extensions["vcp_works"].neighbours.gateways["paypal"] = gateway
    made = Scene(app, journey, gateway, payment)
    made.account(mode="partner", external_id=MERCHANT, webhook_id="WEBHOOK")
    return made


def event(event_type: str = "PAYMENT.CAPTURE.COMPLETED", **resource: Any) -> dict[str, Any]:
    return {"id": "WH-1", "event_type": event_type, "resource": resource}


def about(scene: Scene) -> dict[str, Any]:
    return {"supplementary_data": {"related_ids": {"order_id": scene.payment.external_id}}}


def test_the_payee_that_is_named_is_whose_it_is(scene: Scene, kept: Kept):
    told = event(payee={"merchant_id": MERCHANT, "email_address": EMAIL}, **about(scene))
    assert scene.send(told).status_code == 200
    [row] = kept.notifications()
    assert (row.account_id, row.outcome) == (scene.payment.account_id, "looked")
    assert kept.jobs("look_at_payment") == [{"payment_id": str(scene.payment.id)}]
    assert [account.external_id for account in scene.gateway.asked] == [MERCHANT]


def test_a_payee_may_be_known_by_e_mail(scene: Scene, kept: Kept):
    scene.account(mode="payee", external_id=EMAIL.title())
    assert scene.send(event(payee={"merchant_id": MERCHANT, "email_address": EMAIL})).status_code == 200
    assert [row.account_id for row in kept.notifications()] == [scene.payment.account_id]


@pytest.mark.parametrize("how", ["our payment", "the order", "a refund's payer", "a dispute's seller"])
def test_events_that_name_no_payee_are_of_the_payment_that_they_mention(scene: Scene, kept: Kept, how: str):
    resource = {
        "our payment": {"custom_id": str(scene.payment.id)},
        "the order": {"order_id": scene.payment.external_id, "purchase_units": [{"custom_id": "?"}]},
        "a refund's payer": {"payer": {"merchant_id": MERCHANT}, "custom_id": str(scene.payment.id)},
        "a dispute's seller": {
            "disputed_transactions": [
                {"seller": {"merchant_id": MERCHANT}, "custom": str(scene.payment.id)},
            ]
        },
    }[how]
    assert scene.send(event(**resource)).status_code == 200
    assert kept.jobs("look_at_payment") == [{"payment_id": str(scene.payment.id)}]


def test_objects_are_looked_up_within_the_account(scene: Scene, kept: Kept):
    """Another provider's event, genuine as it is, moves nothing of this one's."""
    with scene.journey.sessions.begin() as session:
        provider = make_provider(session, account=False)
        other = make_payee_account(
            session, provider, mode="partner", external_id="OTHER23456789", webhook_id="WEBHOOK"
        )
    told = event(payee={"merchant_id": "OTHER23456789"}, **about(scene))
    assert scene.send(told).status_code == 200
    assert [(row.account_id, row.outcome) for row in kept.notifications()] == [(other.id, "unmatched")]
    assert kept.jobs("look_at_payment") == []


def test_a_consent_that_was_taken_back_takes_the_account_out_of_the_checkout(scene: Scene):
    told = event("MERCHANT.PARTNER-CONSENT.REVOKED", merchant_id=MERCHANT)
    assert [scene.send(told).status_code for _ in range(2)] == [200, 200]
    account = scene.account()
    assert (account.state, account.state_reason) == (AccountState.REVOKED, "consent_revoked")


def test_who_has_only_just_agreed_is_found_by_our_own_id(scene: Scene, kept: Kept):
    with scene.journey.sessions.begin() as session:
        provider = make_provider(session, account=False)
        new = make_payee_account(
            session, provider, mode="partner", external_id="", webhook_id="", state=AccountState.VERIFYING
        )
    told = event("MERCHANT.ONBOARDING.COMPLETED", merchant_id="NEW2345678923", tracking_id=str(new.id))
    assert scene.send(told).status_code == 200
    assert [row.account_id for row in kept.notifications()] == [new.id]
    assert kept.jobs("probe_account") == [{"account_id": str(new.id)}]


FORGED = {
    "nobody's signature": {"Signed-For": "OTHER"},
    "no signature": {"X": "y"},
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_one_is_refused_and_leaves_nothing(scene: Scene, kept: Kept, how: str):
    for told in (
        event(payee={"merchant_id": MERCHANT}, **about(scene)),
        event("MERCHANT.PARTNER-CONSENT.REVOKED", merchant_id=MERCHANT),
    ):
        answer = scene.send(told, FORGED[how])
        assert (answer.status_code, answer.data) == (400, b"")
    assert (kept.notifications(), kept.jobs("look_at_payment")) == ([], [])
    assert scene.account().state == AccountState.ACTIVE


@pytest.mark.parametrize(
    "told",
    [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, event(), event(payee={"merchant_id": "NOBODY2345678"})],
    ids=["empty", "list", "object", "bytes", "deep", "nobody named", "nobody's"],
)
def test_whoever_is_not_known_here_is_refused_without_a_trace(scene: Scene, kept: Kept, told: Any):
    assert scene.send(told).status_code == 400
    assert (scene.gateway.asked, kept.notifications()) == ([], [])


def test_an_account_with_an_application_of_its_own_is_not_asked_for_here(scene: Scene):
    scene.account(mode="own_app")
    assert scene.send(event(payee={"merchant_id": MERCHANT}, **about(scene))).status_code == 400
    assert scene.gateway.asked == []


def test_an_account_of_the_platform_has_no_address_of_its_own(scene: Scene):
    told = json.dumps(event(payee={"merchant_id": MERCHANT})).encode()
    address = f"/webhooks/paypal/{scene.payment.account_id}"
    assert scene.app.test_client().post(address, data=told, headers=GENUINE).status_code == 404


def test_two_names_of_one_event_that_lead_to_two_accounts_are_settled_by_the_payment(
    scene: Scene, kept: Kept
):
    with scene.journey.sessions.begin() as session:
        provider = make_provider(session, account=False)
        make_payee_account(session, provider, mode="payee", external_id=EMAIL, webhook_id="WEBHOOK")
    both = {"merchant_id": MERCHANT, "email_address": EMAIL}
    assert scene.send(event(payee=both)).status_code == 400
    assert scene.send(event(payee=both, **about(scene))).status_code == 200
    assert [row.account_id for row in kept.notifications()] == [scene.payment.account_id]
