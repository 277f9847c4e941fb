"""Webhooks: which are sent, in which order, how often, and signed by whom."""

import base64
import json
import zlib
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tests.neighbours import start_paypal
from tests.sandbox.paypal.listener import Listener
from tests.sandbox.paypal.seller import Seller

APPROVED, COMPLETED = "CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED"


def _pay(seller: Seller, scenario: str) -> str:
    order_id = seller.create()
    seller.approve(order_id, scenario)
    seller.capture(order_id)
    return order_id


def _types(listener: Listener, count: int) -> list[str]:
    return [json.loads(listener.take().content)["event_type"] for _ in range(count)]


@pytest.mark.parametrize(
    "scenario, types",
    [
        ("approve", [APPROVED, COMPLETED]),
        ("duplicate", [APPROVED, APPROVED, COMPLETED, COMPLETED]),
        ("out_of_order", [COMPLETED, APPROVED]),
        ("echeck", [APPROVED, "PAYMENT.CAPTURE.PENDING"]),
        ("denied", [APPROVED, "PAYMENT.CAPTURE.DECLINED"]),
        ("reversed", [APPROVED, "CHECKOUT.PAYMENT-APPROVAL.REVERSED"]),
    ],
)
def test_scenario_tells(seller: Seller, listener: Listener, scenario: str, types: list[str]):
    seller.hear(listener.url)
    _pay(seller, scenario)
    assert _types(listener, len(types)) == types


def test_settling_and_refunding_tell(seller: Seller, listener: Listener):
    for act in ("complete", "deny"):
        order_id = _pay(seller, "review")
        seller.hear(f"{listener.url}/{act}")
        capture_id = seller.capture_of(order_id)["id"]
        seller.control(f"captures/{capture_id}/{act}")
    assert _types(listener, 1)[0] == COMPLETED
    assert "PAYMENT.CAPTURE.DENIED" in _types(listener, 4)


def test_refund_names_its_capture(seller: Seller, listener: Listener):
    order_id = _pay(seller, "approve")
    seller.hear(listener.url)
    capture_id = seller.capture_of(order_id)["id"]
    seller.control(f"captures/{capture_id}/refund")
    event = json.loads(listener.take().content)
    assert event["event_type"] == "PAYMENT.CAPTURE.REFUNDED"
    assert capture_id in {link["href"].rpartition("/")[2] for link in event["resource"]["links"]}


def test_no_webhook_until_it_is_sent_again(seller: Seller, listener: Listener):
    seller.hear(listener.url)
    order_id = _pay(seller, "no_webhook")
    assert seller.control("webhooks/resend", order_id=order_id) == {"sent": 2}
    assert _types(listener, 2) == [APPROVED, COMPLETED]
    assert not listener.has_more()


def test_late_webhooks_wait_for_their_time(seller: Seller, listener: Listener):
    webhook_id = seller.hear(listener.url)
    _pay(seller, "late")
    waiting = [
        line for line in seller.http.get("/sandbox/webhooks").json() if line["webhook_id"] == webhook_id
    ]
    assert [line["state"] for line in waiting] == ["waiting", "waiting"]
    seller.control("webhooks/flush")
    assert _types(listener, 2) == [APPROVED, COMPLETED]


def test_only_wanted_types_of_own_payments(seller: Seller, listener: Listener):
    body = {"url": listener.url, "event_types": [{"name": COMPLETED}]}
    seller.api.post("/v1/notifications/webhooks", json=body)
    other = Seller(str(seller.http.base_url))
    _pay(other, "approve")
    order_id = _pay(seller, "approve")
    event = json.loads(listener.take().content)
    assert event["event_type"] == COMPLETED
    assert event["resource"]["supplementary_data"]["related_ids"]["order_id"] == order_id
    other.close()


def test_refused_webhook_is_sent_again_the_same(seller: Seller, listener: Listener):
    listener.answers = [503]
    seller.hear(listener.url)
    order_id = seller.create()
    seller.approve(order_id)
    first, again = listener.take(), listener.take()
    assert first.content == again.content
    same = ("paypal-transmission-id", "paypal-transmission-time", "paypal-transmission-sig")
    assert [first.headers[name] for name in same] == [again.headers[name] for name in same]


@pytest.mark.parametrize("scenario", ["approve", "forged"])
def test_signature(seller: Seller, gateway, listener: Listener, scenario: str):
    webhook_id = seller.hear(listener.url)
    order_id = seller.create()
    seller.approve(order_id, scenario)
    request = listener.take()
    headers = request.headers
    leaf = x509.load_pem_x509_certificate(seller.http.get(headers["paypal-cert-url"]).content)
    leaf.verify_directly_issued_by(
        x509.load_pem_x509_certificate(Path(gateway.names["ca_file"]).read_bytes())
    )
    signed = (
        f"{headers['paypal-transmission-id']}|{headers['paypal-transmission-time']}|{webhook_id}|"
        f"{zlib.crc32(request.content)}"
    )

    def verify() -> None:
        signature = base64.b64decode(headers["paypal-transmission-sig"])
        leaf.public_key().verify(signature, signed.encode(), padding.PKCS1v15(), hashes.SHA256())

    if scenario == "forged":
        with pytest.raises(InvalidSignature):
            verify()
    else:
        verify()
    assert headers["paypal-auth-algo"] == "SHA256withRSA"


def test_url_is_registered_once(seller: Seller, listener: Listener):
    webhook_id = seller.hear(listener.url)
    again = seller.api.post(
        "/v1/notifications/webhooks", json={"url": listener.url, "event_types": [{"name": "*"}]}
    )
    assert (again.status_code, again.json()["name"]) == (400, "WEBHOOK_URL_ALREADY_EXISTS")
    seller.api.delete(f"/v1/notifications/webhooks/{webhook_id}")
    assert seller.api.get("/v1/notifications/webhooks").json() == {"webhooks": []}


def test_echeck_clears_by_itself(tmp_path, listener: Listener):
    with start_paypal(tmp_path, more=["--echeck-seconds", "0.1"]) as program:
        seller = Seller(program.url)
        seller.hear(listener.url)
        _pay(seller, "echeck")
        _pay(seller, "echeck_fails")
        settled = set(_types(listener, 6)) - {APPROVED, "PAYMENT.CAPTURE.PENDING"}
        assert settled == {COMPLETED, "PAYMENT.CAPTURE.DENIED"}
        seller.close()


def test_seed_file_registers_sellers_and_their_webhooks(tmp_path, listener: Listener):
    account = {
        "id": "account-1",
        "gateway": "paypal",
        "mode": "own_app",
        "external_id": "SAMPLE2345678",
        "client_id": "seeded",
        "client_secret": "secret",
        "webhook_id": "WEBHOOK1",
        "currencies": ["EUR"],
    }
    seed = tmp_path / "platform.json"
    seed.write_text(json.dumps({"providers": [{"slug": "sample", "payee_accounts": [account]}]}))
    more = ["--platform-webhook", listener.url + "/{account}"]
    with start_paypal(tmp_path / "state", merchants=seed, more=more) as program:
        seller = Seller(program.url)
        seller.merchant_id, seller.client_id, seller.secret = "SAMPLE2345678", "seeded", "secret"
        seller.sign_in()
        seller.approve(seller.create())
        assert listener.take().url.path == "/webhook/account-1"
        seller.close()
