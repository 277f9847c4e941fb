"""What the sandbox gateway answers is what Stripe's own specification allows."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.neighbours import STRIPE_CONNECT_KEY, Program
from tests.sandbox.paypal.listener import Listener
from tests.sandbox.stripe.seller import Seller, flat
from tests.sandbox.stripe.specification import check_exchange, stripe_specification


def _create(seller: Seller, **changes: Any) -> httpx.Response:
    return seller.post("/v1/checkout/sessions", seller.session_body(**changes))


def _disputed(seller: Seller) -> str:
    session_id = seller.captured()
    return str(seller.control(f"sessions/{session_id}/dispute")["id"])


def _refunded(seller: Seller, scenario: str = "approve") -> str:
    return str(seller.refund(seller.captured(scenario)).json()["id"])


CALLS: dict[str, tuple[int, Callable[[Seller], httpx.Response]]] = {
    "create": (200, _create),
    "create with 3-D Secure": (
        200,
        lambda s: _create(s, payment_method_options={"card": {"request_three_d_secure": "any"}}),
    ),
    "create too small": (400, lambda s: _create(s, amount=49)),
    "create too short": (400, lambda s: _create(s, expires_at=int(time.time()) + 1790)),
    "create too long": (400, lambda s: _create(s, expires_at=int(time.time()) + 86410)),
    "get open": (200, lambda s: s.api.get(f"/v1/checkout/sessions/{s.create()}")),
    "get approved": (
        200,
        lambda s: s.api.get(
            f"/v1/checkout/sessions/{s.approved()}", params={"expand[0]": "payment_intent.latest_charge"}
        ),
    ),
    "get delayed": (200, lambda s: s.api.get(f"/v1/checkout/sessions/{s.approved('delayed_waits')}")),
    "get unknown": (404, lambda s: s.api.get("/v1/checkout/sessions/cs_test_nobody")),
    "expire": (200, lambda s: s.post(f"/v1/checkout/sessions/{s.create()}/expire")),
    "expire again": (400, lambda s: s.post(f"/v1/checkout/sessions/{s.approved()}/expire")),
    "get intent": (200, lambda s: s.api.get(f"/v1/payment_intents/{s.intent_id(s.approved())}")),
    "get declined intent": (
        200,
        lambda s: s.api.get(f"/v1/payment_intents/{s.intent_id(s.approved('decline'))}"),
    ),
    "capture": (200, lambda s: s.capture(s.approved())),
    "capture again": (400, lambda s: s.capture(s.captured())),
    "cancel": (
        200,
        lambda s: s.post(
            f"/v1/payment_intents/{s.intent_id(s.approved())}/cancel", {"cancellation_reason": "abandoned"}
        ),
    ),
    "cancel captured": (400, lambda s: s.post(f"/v1/payment_intents/{s.intent_id(s.captured())}/cancel")),
    "get charge": (
        200,
        lambda s: s.api.get(
            f"/v1/charges/{s.session(s.captured())['payment_intent']['latest_charge']['id']}"
        ),
    ),
    "refund": (200, lambda s: s.refund(s.captured())),
    "refund part": (200, lambda s: s.refund(s.captured(), amount=500, metadata={"key": "k"})),
    "refund pending": (200, lambda s: s.refund(s.captured("refund_pending"))),
    "refund too much": (400, lambda s: s.refund(s.captured(), amount=2501)),
    "get refund": (200, lambda s: s.api.get(f"/v1/refunds/{_refunded(s)}")),
    "get failed refund": (
        200,
        lambda s: (
            refund := _refunded(s),
            s.control(f"refunds/{refund}/failed"),
            s.api.get(f"/v1/refunds/{refund}"),
        )[2],
    ),
    "list refunds": (
        200,
        lambda s: (
            session := s.captured(),
            s.refund(session),
            s.api.get("/v1/refunds", params={"payment_intent": s.intent_id(session)}),
        )[2],
    ),
    "get dispute": (200, lambda s: s.api.get(f"/v1/disputes/{_disputed(s)}")),
    "get dispute won": (
        200,
        lambda s: (
            dispute := _disputed(s),
            s.control(f"disputes/{dispute}/close", status="won"),
            s.api.get(f"/v1/disputes/{dispute}"),
        )[2],
    ),
    "register endpoint": (
        200,
        lambda s: s.post(
            "/v1/webhook_endpoints",
            {"url": "http://127.0.0.1:9/hook", "enabled_events": ["charge.refunded"], "description": "x"},
        ),
    ),
    "list endpoints": (200, lambda s: (s.hear("http://127.0.0.1:9/"), s.api.get("/v1/webhook_endpoints"))[1]),
    "delete endpoint": (
        200,
        lambda s: s.api.delete(f"/v1/webhook_endpoints/{s.hear('http://127.0.0.1:9/')['id']}"),
    ),
    "get own account": (200, lambda s: s.api.get(f"/v1/accounts/{s.account_id}")),
    "unknown key": (
        401,
        lambda s: s.api.get(f"/v1/accounts/{s.account_id}", headers={"Authorization": "Bearer rk_test_no"}),
    ),
    "list events": (200, lambda s: (s.captured(), s.api.get("/v1/events"))[1]),
}


@pytest.mark.parametrize("name", CALLS)
def test_answer_is_as_specified(seller: Seller, name: str):
    specification = stripe_specification()
    status, call = CALLS[name]
    answer = call(seller)
    assert answer.status_code == status, answer.text
    check_exchange(specification, answer.request, answer)


def test_event_is_as_specified(seller: Seller, listener: Listener):
    """What is sent is what is listed, and all of it is as specified."""
    specification = stripe_specification()
    seller.hear(listener.url)
    seller.captured()
    sent = [json.loads(listener.take().content) for _ in range(5)]
    listed = seller.api.get("/v1/events").json()["data"]
    assert sorted(listed, key=str) == sorted(sent, key=str)
    for event in sent:
        assert specification.object_errors("event", event) == []


def test_onboarding_of_the_first_version_is_as_specified(gateway: Program):
    specification = stripe_specification()
    headers = {"Authorization": f"Bearer {STRIPE_CONNECT_KEY}"}
    with httpx.Client(base_url=gateway.url, trust_env=False, headers=headers) as platform:
        made = platform.post("/v1/accounts", data={"type": "standard", "country": "FR"})
        check_exchange(specification, made.request, made)
        link = platform.post(
            "/v1/account_links",
            data={
                "account": made.json()["id"],
                "type": "account_onboarding",
                "return_url": "http://127.0.0.1:9/back",
                "refresh_url": "http://127.0.0.1:9/again",
            },
        )
        check_exchange(specification, link.request, link)
        assert link.json()["url"].startswith(gateway.url)


def test_specification_would_notice(seller: Seller):
    """The check above is worth something: a word that Stripe does not know, an answer without its id."""
    specification = stripe_specification()
    answer = _create(seller)
    wrong = httpx.Request("POST", answer.request.url, data=flat(seller.session_body(colour="red")))
    assert specification.request_errors(wrong)
    body = {name: value for name, value in answer.json().items() if name != "id"}
    assert specification.answer_errors(answer.request, httpx.Response(200, json=body))
