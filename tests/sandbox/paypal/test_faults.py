"""Queued faults: once each, and having acted or not as they say."""

import httpx
import pytest

from tests.sandbox.paypal.seller import Seller


def _approved(seller: Seller) -> str:
    order_id = seller.create()
    seller.approve(order_id)
    return order_id


@pytest.mark.parametrize(
    "kind, acted", [("timeout_after", True), ("timeout_before", False), ("malformed", True)]
)
def test_answer_is_lost(seller: Seller, kind: str, acted: bool):
    order_id = _approved(seller)
    seller.control("faults", operation="capture_order", kind=kind, seconds=0)
    with pytest.raises((httpx.RemoteProtocolError, ValueError)):
        seller.capture(order_id).json()
    assert seller.order(order_id)["status"] == ("COMPLETED" if acted else "APPROVED")


@pytest.mark.parametrize(
    "kind, status, acted",
    [
        ("error_500", 500, False),
        ("error_500_after", 500, True),
        ("error_503", 503, False),
        ("rate_limited", 429, False),
    ],
)
def test_refusal(seller: Seller, kind: str, status: int, acted: bool):
    order_id = _approved(seller)
    seller.control("faults", operation="capture_order", kind=kind)
    answer = seller.capture(order_id)
    assert (answer.status_code, "Retry-After" in answer.headers) == (status, status in (429, 503))
    assert seller.order(order_id)["status"] == ("COMPLETED" if acted else "APPROVED")


def test_slow_call_times_out_and_still_acts(seller: Seller):
    seller.control("faults", operation="create_order", kind="slow", seconds=1)
    with pytest.raises(httpx.ReadTimeout):
        seller.api.post(
            "/v2/checkout/orders",
            json=seller.order_body(),
            headers={"PayPal-Request-Id": "slow"},
            timeout=0.2,
        )
    # The same id afterwards finds the order that the slow call makes, or makes the one it will find.
    first = seller.create(key="slow")
    assert seller.create(key="slow") == first


def test_faults_last_for_as_many_calls_as_asked(seller: Seller):
    order_id = seller.create()
    seller.control("faults", operation="get_order", kind="error_500", calls=2)
    path = f"/v2/checkout/orders/{order_id}"
    assert [seller.api.get(path).status_code for _ in range(3)] == [500, 500, 200]


def test_unknown_fault_is_not_queued(seller: Seller):
    answer = seller.http.post("/sandbox/faults", json={"operation": "get_order", "kind": "nonsense"})
    assert answer.status_code == 400
    assert seller.http.get("/sandbox/faults").json()["queued"] == []


def test_call_log_has_whole_bodies_and_no_tokens(seller: Seller):
    seller.create(custom_id=f"seen-{seller.merchant_id}")
    calls = seller.http.get("/sandbox/calls", params={"operation": "create_order"}).json()
    (call,) = [call for call in calls if f"seen-{seller.merchant_id}" in call["body"]]
    assert call["merchant_id"] == seller.merchant_id
    assert seller.api.headers["Authorization"].removeprefix("Bearer ") not in str(call)
