"""What the sandbox gateway answers is what PayPal's own specification allows."""

import json
import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.sandbox.paypal.listener import Listener
from tests.sandbox.paypal.seller import Seller
from tests.sandbox.paypal.specification import check_exchange, paypal_specification


def _key() -> dict[str, str]:
    return {"PayPal-Request-Id": secrets.token_hex(8)}


def _approved(seller: Seller, value: str = "25.00", scenario: str = "approve") -> str:
    order_id = seller.create(value)
    seller.approve(order_id, scenario)
    return order_id


def _captured(seller: Seller, scenario: str = "approve") -> str:
    order_id = _approved(seller, scenario=scenario)
    seller.capture(order_id)
    return order_id


def _capture_path(seller: Seller) -> str:
    return f"/v2/payments/captures/{seller.capture_of(_captured(seller))['id']}"


def _refunded(seller: Seller) -> httpx.Response:
    return seller.api.post(f"{_capture_path(seller)}/refund", json={}, headers=_key())


def _with(body: dict[str, Any], **unit: Any) -> dict[str, Any]:
    body["purchase_units"][0] |= unit
    return body


CALLS: dict[str, tuple[int, Callable[[Seller], httpx.Response]]] = {
    "create": (200, lambda s: s.api.post("/v2/checkout/orders", json=s.order_body(), headers=_key())),
    "create, whole": (
        200,
        lambda s: s.api.post(
            "/v2/checkout/orders", json=s.order_body(), headers=_key() | {"Prefer": "return=representation"}
        ),
    ),
    "create without source": (
        201,
        lambda s: s.api.post(
            "/v2/checkout/orders", json={k: v for k, v in s.order_body().items() if k != "payment_source"}
        ),
    ),
    "create without request id": (400, lambda s: s.api.post("/v2/checkout/orders", json=s.order_body())),
    "create with fraction of a cent": (
        422,
        lambda s: s.api.post("/v2/checkout/orders", json=s.order_body("1.005"), headers=_key()),
    ),
    "create with nothing to pay": (
        422,
        lambda s: s.api.post("/v2/checkout/orders", json=s.order_body("0.00"), headers=_key()),
    ),
    "create with fraction of a yen": (
        422,
        lambda s: s.api.post("/v2/checkout/orders", json=s.order_body("10.50", "JPY"), headers=_key()),
    ),
    "create in an unknown currency": (
        422,
        lambda s: s.api.post("/v2/checkout/orders", json=s.order_body("10.00", "XXX"), headers=_key()),
    ),
    "create for an unknown payee": (
        422,
        lambda s: s.api.post(
            "/v2/checkout/orders",
            json=_with(s.order_body(), payee={"merchant_id": "2222222222222"}),
            headers=_key(),
        ),
    ),
    "create with a platform fee": (
        422,
        lambda s: s.api.post(
            "/v2/checkout/orders",
            json=_with(
                s.order_body(),
                payment_instruction={
                    "platform_fees": [{"amount": {"currency_code": "EUR", "value": "1.00"}}]
                },
            ),
            headers=_key(),
        ),
    ),
    "unknown token": (
        401,
        lambda s: s.api.get(f"/v2/checkout/orders/{s.create()}", headers={"Authorization": "Bearer no"}),
    ),
    "get waiting": (200, lambda s: s.api.get(f"/v2/checkout/orders/{s.create()}")),
    "get approved": (200, lambda s: s.api.get(f"/v2/checkout/orders/{_approved(s)}")),
    "get captured": (200, lambda s: s.api.get(f"/v2/checkout/orders/{_captured(s)}")),
    "get pending": (200, lambda s: s.api.get(f"/v2/checkout/orders/{_captured(s, 'echeck')}")),
    "get reversed": (200, lambda s: s.api.get(f"/v2/checkout/orders/{_approved(s, scenario='reversed')}")),
    "get unknown": (404, lambda s: s.api.get("/v2/checkout/orders/5O190127TN364715T")),
    "capture": (201, lambda s: s.capture(_approved(s))),
    "capture, pending": (201, lambda s: s.capture(_approved(s, scenario="review"))),
    "capture, denied": (201, lambda s: s.capture(_approved(s, scenario="denied"))),
    "capture again": (422, lambda s: s.capture(_captured(s))),
    "capture unapproved": (422, lambda s: s.capture(s.create())),
    "capture declined": (422, lambda s: s.capture(_approved(s, scenario="decline"))),
    "capture unknown": (404, lambda s: s.capture("5O190127TN364715T")),
    "get capture": (200, lambda s: s.api.get(_capture_path(s))),
    "get unknown capture": (404, lambda s: s.api.get("/v2/payments/captures/5O190127TN364715T")),
    "refund": (201, _refunded),
    "refund part": (
        201,
        lambda s: s.api.post(
            f"{_capture_path(s)}/refund",
            json={"amount": {"currency_code": "EUR", "value": "5.00"}, "note_to_payer": "VC-1"},
            headers=_key() | {"Prefer": "return=representation"},
        ),
    ),
    "refund too much": (
        422,
        lambda s: s.api.post(
            f"{_capture_path(s)}/refund",
            json={"amount": {"currency_code": "EUR", "value": "25.01"}},
            headers=_key(),
        ),
    ),
    "refund pending": (
        422,
        lambda s: s.api.post(
            f"/v2/payments/captures/{s.capture_of(_captured(s, 'echeck'))['id']}/refund",
            json={},
            headers=_key(),
        ),
    ),
    "get refund": (200, lambda s: s.api.get(f"/v2/payments/refunds/{_refunded(s).json()['id']}")),
    "register webhook": (
        201,
        lambda s: s.api.post(
            "/v1/notifications/webhooks",
            json={
                "url": "http://127.0.0.1:9/webhook",
                "event_types": [{"name": "PAYMENT.CAPTURE.COMPLETED"}],
            },
        ),
    ),
    "list webhooks": (
        200,
        lambda s: (s.hear("http://127.0.0.1:9/"), s.api.get("/v1/notifications/webhooks"))[1],
    ),
    "delete webhook": (
        204,
        lambda s: s.api.delete(f"/v1/notifications/webhooks/{s.hear('http://127.0.0.1:9/')}"),
    ),
    "list events": (200, lambda s: (_captured(s), s.api.get("/v1/notifications/webhooks-events"))[1]),
}


@pytest.mark.parametrize("name", CALLS)
def test_answer_is_as_specified(seller: Seller, name: str):
    specification = paypal_specification()
    status, call = CALLS[name]
    answer = call(seller)
    assert answer.status_code == status, answer.text
    check_exchange(specification, answer.request, answer)


def test_event_is_as_specified(seller: Seller, listener: Listener):
    """What is sent is what is listed, and the list is as specified."""
    specification = paypal_specification()
    seller.hear(listener.url)
    _captured(seller)
    sent = [json.loads(listener.take().content) for _ in range(2)]
    listing = seller.api.get("/v1/notifications/webhooks-events")
    check_exchange(specification, listing.request, listing)
    assert listing.json()["events"] == sent[::-1]
