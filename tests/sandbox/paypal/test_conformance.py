"""What the sandbox gateway answers is what PayPal's own specification allows."""

import base64
import json
import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.sandbox.paypal.listener import Listener
from tests.sandbox.paypal.seller import Seller, new_merchant_id
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


def _assertion(seller: Seller) -> dict[str, str]:
    """What a platform sends to act for the seller."""
    parts = ({"alg": "none"}, {"iss": seller.client_id, "payer_id": seller.merchant_id})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return {"PayPal-Auth-Assertion": ".".join([*encoded, ""])}


def _referral(seller: Seller) -> httpx.Response:
    """A platform asks the seller for consent; its tracking id is the seller's merchant id."""
    seller.call_through_platform()
    rest = {
        "integration_method": "PAYPAL",
        "integration_type": "THIRD_PARTY",
        "third_party_details": {"features": ["PAYMENT", "REFUND", "READ_SELLER_DISPUTE"]},
    }
    body = {
        "tracking_id": seller.merchant_id,
        "email": "seller@example.org",
        "partner_config_override": {"return_url": "http://127.0.0.1:9/back"},
        "operations": [
            {"operation": "API_INTEGRATION", "api_integration_preference": {"rest_api_integration": rest}}
        ],
        "products": ["EXPRESS_CHECKOUT"],
        "legal_consents": [{"type": "SHARE_DATA_CONSENT", "granted": True}],
    }
    return seller.api.post("/v2/customer/partner-referrals", json=body)


def _agreed(seller: Seller) -> None:
    _referral(seller)
    seller.control(f"referrals/{seller.merchant_id}/agree", merchant_id=seller.merchant_id)
    seller.sign_in()


def _integrations(seller: Seller) -> str:
    return f"/v1/customer/partners/{seller.caller_id}/merchant-integrations"


def _partners_capture(seller: Seller) -> str:
    """The path of a capture that a platform made for the seller."""
    _agreed(seller)
    order_id = seller.create(payee={"merchant_id": seller.merchant_id})
    seller.approve(order_id)
    key = _key() | _assertion(seller)
    seller.api.post(f"/v2/checkout/orders/{order_id}/capture", json={}, headers=key).raise_for_status()
    return f"/v2/payments/captures/{seller.capture_of(order_id)['id']}"


def _disputed(seller: Seller, **how: str) -> tuple[str, str]:
    """Ids of a capture and of a dispute about it."""
    capture_id = seller.capture_of(_captured(seller))["id"]
    return capture_id, seller.control(f"captures/{capture_id}/dispute", **how)["dispute_id"]


def _disputes(seller: Seller, capture_id: str) -> httpx.Response:
    return seller.api.get("/v1/customer/disputes", params={"disputed_transaction_id": capture_id})


def _refused_refund(seller: Seller, capture_path: str, **amount: str) -> httpx.Response:
    body = {"amount": {"currency_code": "EUR", **amount}} if amount else {}
    return seller.api.post(f"{capture_path}/refund", json=body, headers=_key())


def _refunded_twice(seller: Seller) -> httpx.Response:
    path, body = (
        _capture_path(seller),
        {"amount": {"currency_code": "EUR", "value": "1.00"}, "invoice_id": "one"},
    )
    seller.api.post(f"{path}/refund", json=body, headers=_key())
    return seller.api.post(f"{path}/refund", json=body, headers=_key())


def _empty(seller: Seller) -> httpx.Response:
    path = _capture_path(seller)
    seller.control(f"merchants/{seller.merchant_id}/profile", empty=True)
    return _refused_refund(seller, path)


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
    "change webhook": (
        200,
        lambda s: s.api.patch(
            f"/v1/notifications/webhooks/{s.hear('http://127.0.0.1:9/')}",
            json=[
                {
                    "op": "replace",
                    "path": "/event_types",
                    "value": [{"name": "CUSTOMER.DISPUTE.CREATED"}],
                }
            ],
        ),
    ),
    "create for an e-mail address": (
        200,
        lambda s: s.api.post(
            "/v2/checkout/orders",
            json=_with(s.order_body(), payee={"email_address": "nobody@example.org"}),
            headers=_key(),
        ),
    ),
    "create in somebody's name who has not agreed": (
        403,
        lambda s: (
            s.call_through_platform(),
            s.api.post(
                "/v2/checkout/orders",
                json=_with(s.order_body(), payee={"merchant_id": s.merchant_id}),
                headers=_key() | _assertion(s),
            ),
        )[1],
    ),
    "refer": (201, _referral),
    "refer without being a partner": (
        403,
        lambda s: s.api.post(
            "/v2/customer/partner-referrals",
            json={
                "operations": [{"operation": "API_INTEGRATION"}],
                "legal_consents": [{"type": "SHARE_DATA_CONSENT", "granted": True}],
            },
        ),
    ),
    "integration": (200, lambda s: (_agreed(s), s.api.get(f"{_integrations(s)}/{s.merchant_id}"))[1]),
    "integration, consent taken back": (
        200,
        lambda s: (
            _agreed(s),
            s.control(f"merchants/{s.merchant_id}/revoke"),
            s.api.get(f"{_integrations(s)}/{s.merchant_id}"),
        )[2],
    ),
    "integration unknown": (
        404,
        lambda s: (_agreed(s), s.api.get(f"{_integrations(s)}/{new_merchant_id()}"))[1],
    ),
    "refund in a seller's name": (
        201,
        lambda s: s.api.post(f"{_partners_capture(s)}/refund", json={}, headers=_key() | _assertion(s)),
    ),
    "refund for a seller without saying so": (422, lambda s: _refused_refund(s, _partners_capture(s))),
    "refund twice for one invoice": (422, _refunded_twice),
    "refund without funds": (422, _empty),
    "refund of a chargeback": (
        422,
        lambda s: _refused_refund(s, f"/v2/payments/captures/{_disputed(s)[0]}"),
    ),
    "refund of a part under dispute": (
        422,
        lambda s: _refused_refund(
            s, f"/v2/payments/captures/{_disputed(s, stage='INQUIRY')[0]}", value="1.00"
        ),
    ),
    "list no disputes": (200, lambda s: _disputes(s, s.capture_of(_captured(s))["id"])),
    "list disputes": (200, lambda s: _disputes(s, _disputed(s)[0])),
    "get dispute": (200, lambda s: s.api.get(f"/v1/customer/disputes/{_disputed(s)[1]}")),
    "get dispute that was won": (
        200,
        lambda s: (
            number := _disputed(s)[1],
            s.control(f"disputes/{number}/resolve", outcome="won"),
            s.api.get(f"/v1/customer/disputes/{number}"),
        )[2],
    ),
    "get unknown dispute": (404, lambda s: s.api.get("/v1/customer/disputes/PP-D-1")),
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
