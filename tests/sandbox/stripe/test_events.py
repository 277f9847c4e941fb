"""Events are signed as Stripe signs them, and come as the scenario says."""

import json

import httpx
import pytest
import stripe

from tests.neighbours import STRIPE_CONNECT_KEY, Program, start_stripe
from tests.sandbox.paypal.listener import Listener
from tests.sandbox.stripe.seller import Seller


def types(listener: Listener, count: int) -> list[str]:
    """What arrived, in no certain order: two messages may overtake each other on the way."""
    return [json.loads(listener.take().content)["type"] for _ in range(count)]


def test_story_of_a_payment(seller: Seller, listener: Listener):
    seller.hear(listener.url)
    session_id = seller.captured()
    seller.refund(session_id)
    assert sorted(types(listener, 7)) == [
        "charge.captured",
        "charge.refunded",
        "charge.succeeded",
        "checkout.session.completed",
        "payment_intent.amount_capturable_updated",
        "payment_intent.succeeded",
        "refund.created",
    ]


def test_signature_is_what_stripe_s_own_library_wants(seller: Seller, listener: Listener):
    secret = seller.hear(listener.url)["secret"]
    seller.approved()
    request = listener.take()
    header = request.headers["Stripe-Signature"]
    assert stripe.WebhookSignature.verify_header(request.content, header, secret, tolerance=300)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(request.content + b" ", header, secret)


def test_forged_events_are_signed_by_somebody_else(seller: Seller, listener: Listener):
    secret = seller.hear(listener.url)["secret"]
    seller.approved("forged")
    request = listener.take()
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(request.content, request.headers["Stripe-Signature"], secret)


def test_duplicates_are_the_same_event(seller: Seller, listener: Listener):
    seller.hear(listener.url)
    seller.approved("duplicate")
    found = [json.loads(listener.take().content)["id"] for _ in range(6)]
    assert len(set(found)) == 3
    assert sorted(found) == sorted(list(set(found)) * 2)


def test_last_comes_first(seller: Seller, listener: Listener):
    seller.hear(listener.url)
    seller.captured("out_of_order")
    assert "checkout.session.completed" in types(listener, 5)[1:]


def test_late_and_missing_events_come_when_they_are_asked_for(seller: Seller, listener: Listener):
    seller.hear(listener.url)
    late, never = seller.approved("late"), seller.approved("no_webhook")
    listed = seller.http.get("/sandbox/webhooks").json()
    assert {each["state"] for each in listed if each["session_id"] == late} == {"waiting"}
    assert [each for each in listed if each["session_id"] == never] == []
    seller.control("webhooks/flush")
    types(listener, 3)
    assert seller.control("webhooks/resend", session_id=never)["sent"] == 3
    types(listener, 3)


def test_refused_event_comes_again_with_the_same_id(seller: Seller, listener: Listener):
    seller.hear(listener.url)
    listener.answers = [500]
    session_id = seller.create()
    seller.post(f"/v1/checkout/sessions/{session_id}/expire")
    assert json.loads(listener.take().content)["id"] == json.loads(listener.take().content)["id"]


def test_only_what_was_asked_for_is_told(seller: Seller, listener: Listener):
    body = {"url": listener.url, "enabled_events": ["payment_intent.succeeded"]}
    seller.post("/v1/webhook_endpoints", body).raise_for_status()
    seller.captured()
    assert types(listener, 1) == ["payment_intent.succeeded"]
    assert not listener.has_more()


def test_platform_hears_of_connected_accounts_and_whose_it_is(gateway: Program, listener: Listener):
    connected = Seller(gateway.url, mode="connect", livemode=True)
    with httpx.Client(base_url=gateway.url, trust_env=False) as platform:
        headers = {"Authorization": f"Bearer {STRIPE_CONNECT_KEY}"}
        form = {"url": listener.url, "enabled_events[0]": "*", "connect": "true"}
        platform.post("/v1/webhook_endpoints", data=form, headers=headers).raise_for_status()
        headers["Stripe-Account"] = connected.account_id
        form = {
            "mode": "payment",
            "success_url": "http://127.0.0.1:9/",
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "eur",
            "line_items[0][price_data][unit_amount]": "2500",
            "line_items[0][price_data][product_data][name]": "x",
        }
        session_id = platform.post("/v1/checkout/sessions", data=form, headers=headers).json()["id"]
        assert session_id.startswith("cs_live_")
        platform.post(f"/v1/checkout/sessions/{session_id}/expire", headers=headers).raise_for_status()
    event = json.loads(listener.take().content)
    assert (event["account"], event["livemode"]) == (connected.account_id, True)
    connected.close()


def test_state_outlives_the_process(tmp_path):
    with start_stripe(tmp_path) as program:
        seller = Seller(program.url)
        session_id = seller.approved()
        port = int(program.url.rsplit(":", 1)[1])
        program.kill()
    with start_stripe(tmp_path, port=port):
        assert seller.session(session_id)["payment_intent"]["status"] == "requires_capture"
        seller.close()
