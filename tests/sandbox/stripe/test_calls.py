"""Keys, idempotency and faults: what happens to a call before and after it is acted upon."""

import httpx
import pytest

from tests.neighbours import STRIPE_CONNECT_KEY, Program
from tests.sandbox.stripe.seller import Seller, flat


def kind(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["type"]


def test_same_key_gives_the_same_answer(seller: Seller):
    body = seller.session_body()
    first = seller.post("/v1/checkout/sessions", body, "key-1")
    again = seller.post("/v1/checkout/sessions", body, "key-1")
    assert again.json() == first.json()
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")


def test_same_key_with_other_parameters_is_refused(seller: Seller):
    seller.post("/v1/checkout/sessions", seller.session_body(), "key-1")
    answer = seller.post("/v1/checkout/sessions", seller.session_body(amount=2600), "key-1")
    assert kind(answer) == (400, "idempotency_error")


def test_keys_are_each_account_s_own(gateway: Program, seller: Seller):
    other = Seller(gateway.url)
    body = seller.session_body()
    first = seller.post("/v1/checkout/sessions", body, "key-1").json()["id"]
    assert other.post("/v1/checkout/sessions", body, "key-1").json()["id"] != first
    other.close()


def test_wrong_parameters_are_not_remembered(seller: Seller):
    assert seller.post("/v1/checkout/sessions", seller.session_body(mode="setup"), "key-1").status_code == 400
    assert seller.post("/v1/checkout/sessions", seller.session_body(), "key-1").status_code == 200


@pytest.mark.parametrize("fault", ["error_500", "error_500_after"])
def test_failure_is_remembered_too(seller: Seller, fault: str):
    session_id = seller.approved()
    seller.control("faults", operation="capture", kind=fault)
    assert kind(seller.capture(session_id, "key-1")) == (500, "api_error")
    again = seller.capture(session_id, "key-1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (500, "true")
    taken = seller.session(session_id)["payment_intent"]["status"]
    assert taken == ("succeeded" if fault.endswith("after") else "requires_capture")
    assert seller.capture(session_id, "key-2").status_code == (400 if fault.endswith("after") else 200)


@pytest.mark.parametrize(
    ("fault", "status"), [("error_503", 503), ("rate_limited", 429), ("key_in_use", 409)], ids=str
)
def test_what_has_not_begun_is_not_remembered(seller: Seller, fault: str, status: int):
    session_id = seller.approved()
    seller.control("faults", operation="capture", kind=fault)
    assert seller.capture(session_id, "key-1").status_code == status
    assert seller.capture(session_id, "key-1").status_code == 200


@pytest.mark.parametrize("acted", [True, False], ids=["acted", "not acted"])
def test_broken_connection(seller: Seller, acted: bool):
    session_id = seller.approved()
    seller.control(
        "faults", operation="capture", kind="timeout_after" if acted else "timeout_before", seconds=0
    )
    with pytest.raises(httpx.RemoteProtocolError):
        seller.capture(session_id, "key-1")
    taken = seller.session(session_id)["payment_intent"]["status"]
    assert taken == ("succeeded" if acted else "requires_capture")


def test_restricted_key_does_what_it_may(gateway: Program):
    seller = Seller(gateway.url, permissions=["checkout_sessions", "payment_intents"])
    session_id = seller.captured()
    assert kind(seller.refund(session_id)) == (403, "invalid_request_error")
    seller.close()


def test_platform_acts_for_connected_accounts_only(gateway: Program, seller: Seller):
    connected = Seller(gateway.url, mode="connect")
    with httpx.Client(base_url=gateway.url, trust_env=False) as platform:
        platform.headers["Authorization"] = f"Bearer {STRIPE_CONNECT_KEY}"

        def create(account: str) -> httpx.Response:
            body = flat(seller.session_body())
            return platform.post("/v1/checkout/sessions", data=body, headers={"Stripe-Account": account})

        session_id = create(connected.account_id).json()["id"]
        assert session_id in {
            each["id"]
            for each in platform.get("/sandbox/sessions").json()
            if each["account"] == connected.account_id
        }
        assert create(seller.account_id).status_code == 403
        assert platform.get(f"/v1/checkout/sessions/{session_id}").status_code == 404
        own = platform.get("/v1/account", headers={"Stripe-Account": connected.account_id}).json()["id"]
        assert own == connected.account_id
    connected.close()


def test_seller_who_is_not_ready_cannot_be_paid(seller: Seller):
    seller.control(f"accounts/{seller.account_id}", charges_enabled=False)
    answer = seller.post("/v1/checkout/sessions", seller.session_body())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "account_invalid")


def test_seller_is_led_in(gateway: Program):
    with httpx.Client(base_url=gateway.url, trust_env=False) as platform:
        platform.headers["Authorization"] = f"Bearer {STRIPE_CONNECT_KEY}"
        made = platform.post("/v2/core/accounts", json={"contact_email": "s@example.org"}).json()
        link = platform.post(
            "/v2/core/account_links",
            json={
                "account": made["id"],
                "use_case": {
                    "type": "account_onboarding",
                    "account_onboarding": {
                        "configurations": ["merchant"],
                        "return_url": "http://127.0.0.1:9/back",
                        "refresh_url": "http://127.0.0.1:9/again",
                    },
                },
            },
        ).json()["url"]

        def status() -> str:
            account = platform.get(f"/v2/core/accounts/{made['id']}").json()
            return account["configuration"]["merchant"]["capabilities"]["card_payments"]["status"]

        assert status() == "restricted"
        assert "Finish" in platform.get(link).text
        assert platform.post(link).headers["Location"] == "http://127.0.0.1:9/back"
        assert status() == "active"
        assert platform.get(link).status_code == 404
