"""Orders, captures and refunds: what happens once, what happens again, what does not happen."""

import pytest

from sandbox.paypal.scenarios import SCENARIOS
from tests.neighbours import start_paypal
from tests.sandbox.paypal.seller import Seller


def test_same_request_id_makes_one_order(seller: Seller):
    assert seller.create(key="once") == seller.create(key="once") != seller.create(key="twice")


def test_request_ids_belong_to_one_seller(seller: Seller):
    other = Seller(str(seller.http.base_url))
    assert seller.create(key="mine") != other.create(key="mine")
    other.close()


def test_request_id_is_forgotten_after_six_hours(seller: Seller):
    first = seller.create(key="old")
    seller.control("clock", forward_seconds=6 * 3600 + 1)
    assert seller.create(key="old") != first


def test_capture_again_with_its_request_id_gives_the_present_state(seller: Seller):
    order_id = seller.create()
    seller.approve(order_id, "echeck")
    first = seller.capture(order_id, "take")
    capture_id = seller.capture_of(order_id)["id"]
    seller.control(f"captures/{capture_id}/complete")
    again = seller.capture(order_id, "take")
    assert (first.status_code, again.status_code) == (201, 200)
    (capture,) = again.json()["purchase_units"][0]["payments"]["captures"]
    assert (capture["id"], capture["status"]) == (capture_id, "COMPLETED")


def test_order_says_who_is_paid(seller: Seller):
    order_id = seller.create(custom_id="payment-7", invoice_id="payment-7")
    seller.approve(order_id)
    seller.capture(order_id)
    (line,) = [line for line in seller.http.get("/sandbox/captures").json() if line["order_id"] == order_id]
    assert line["payee"] == line["api_caller"] == seller.merchant_id
    assert (line["custom_id"], line["status"]) == ("payment-7", "COMPLETED")
    assert line["amount"] == {"currency_code": "EUR", "value": "25.00"}


def test_invoice_is_paid_once(seller: Seller):
    orders = [seller.create(invoice_id="invoice-1") for _ in range(2)]
    for order_id in orders:
        seller.approve(order_id)
    answers = [seller.capture(order_id) for order_id in orders]
    assert [answer.status_code for answer in answers] == [201, 422]
    assert answers[1].json()["details"][0]["issue"] == "DUPLICATE_INVOICE_ID"


def test_orders_of_another_seller_are_not_found(seller: Seller):
    order_id = seller.create()
    other = Seller(str(seller.http.base_url))
    assert other.api.get(f"/v2/checkout/orders/{order_id}").status_code == 404
    other.close()


def test_declined_payer_may_choose_again(seller: Seller):
    order_id = seller.create()
    seller.approve(order_id, "decline")
    refusal = seller.capture(order_id, "take")
    assert refusal.json()["details"][0]["issue"] == "INSTRUMENT_DECLINED"
    order = seller.order(order_id)
    assert order["status"] == "PAYER_ACTION_REQUIRED"
    assert "payer-action" in {link["rel"] for link in order["links"]}
    seller.approve(order_id)
    assert seller.capture(order_id, "take").status_code == 201


def test_payee_who_has_not_consented(seller: Seller):
    order_id = seller.create()
    seller.approve(order_id, "no_consent")
    refusal = seller.capture(order_id)
    assert (refusal.status_code, refusal.json()["details"][0]["issue"]) == (403, "PAYEE_NOT_CONSENTED")
    assert seller.order(order_id)["status"] == "APPROVED"


@pytest.mark.parametrize(
    "scenario, status, reason",
    [
        ("approve", "COMPLETED", None),
        ("echeck", "PENDING", "ECHECK"),
        ("review", "PENDING", "PENDING_REVIEW"),
        ("denied", "DECLINED", None),
    ],
)
def test_order_is_completed_whatever_its_capture(
    seller: Seller, scenario: str, status: str, reason: str | None
):
    order_id = seller.create()
    seller.approve(order_id, scenario)
    seller.capture(order_id)
    capture = seller.capture_of(order_id)
    assert seller.order(order_id)["status"] == "COMPLETED"
    assert (capture["status"], capture.get("status_details", {}).get("reason")) == (status, reason)


@pytest.mark.parametrize("act, status", [("complete", "COMPLETED"), ("deny", "DECLINED")])
def test_pending_capture_is_settled_once(seller: Seller, act: str, status: str):
    order_id = seller.create()
    seller.approve(order_id, "review")
    seller.capture(order_id)
    capture_id = seller.capture_of(order_id)["id"]
    seller.control(f"captures/{capture_id}/{act}")
    seller.control(f"captures/{capture_id}/complete")
    assert seller.capture_of(order_id)["status"] == status


def test_currency_that_the_seller_does_not_hold_waits_for_them(gateway):
    seller = Seller(gateway.url, currencies=("EUR",))
    order_id = seller.create("25.00", "USD")
    seller.approve(order_id)
    seller.capture(order_id)
    assert seller.capture_of(order_id)["status_details"] == {
        "reason": "RECEIVING_PREFERENCE_MANDATES_MANUAL_ACTION"
    }
    seller.close()


def test_approval_lapses_after_three_hours(tmp_path):
    with start_paypal(tmp_path) as program:
        seller = Seller(program.url)
        approved, captured = seller.create(), seller.create()
        for order_id in (approved, captured):
            seller.approve(order_id)
        seller.capture(captured)
        seller.control("clock", forward_seconds=3 * 3600 + 1)
        statuses = ["", ""]
        while statuses[0] in ("", "APPROVED"):  # the outbox is woken by the clock, and gives it back
            statuses = [seller.order(order_id)["status"] for order_id in (approved, captured)]
        assert statuses == ["VOIDED", "COMPLETED"]
        seller.close()


def test_refunds_add_up(seller: Seller):
    order_id = seller.create("25.00")
    seller.approve(order_id)
    seller.capture(order_id)
    path = f"/v2/payments/captures/{seller.capture_of(order_id)['id']}/refund"
    ten = {"amount": {"currency_code": "EUR", "value": "10.00"}}
    first = seller.api.post(path, json=ten, headers={"PayPal-Request-Id": "a"}).json()
    assert seller.api.post(path, json=ten, headers={"PayPal-Request-Id": "a"}).json()["id"] == first["id"]
    assert seller.capture_of(order_id)["status"] == "PARTIALLY_REFUNDED"
    rest = seller.api.post(
        path, json={}, headers={"PayPal-Request-Id": "b", "Prefer": "return=representation"}
    )
    assert rest.json()["amount"]["value"] == "15.00"
    assert seller.capture_of(order_id)["status"] == "REFUNDED"
    again = seller.api.post(path, json=ten, headers={"PayPal-Request-Id": "c"})
    assert again.json()["details"][0]["issue"] == "CAPTURE_FULLY_REFUNDED"
    assert len(seller.order(order_id)["purchase_units"][0]["payments"]["refunds"]) == 2


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.code)
def test_magic_amount_stands_for_its_scenario(seller: Seller, scenario):
    euros = f"{scenario.amount[:-2]}.{scenario.amount[-2:]}"
    orders = [seller.create(euros), seller.create(scenario.amount, "JPY")]
    shown = {order["id"]: order["scenario"] for order in seller.http.get("/sandbox/orders").json()}
    assert [shown[order_id] for order_id in orders] == [scenario.code] * 2


def test_state_outlives_the_program(tmp_path):
    with start_paypal(tmp_path) as program:
        seller = Seller(program.url)
        order_id = seller.create(key="before")
        seller.approve(order_id)
        certificate = (tmp_path / "ca.pem").read_bytes()
        port = int(program.url.rpartition(":")[2])
    with start_paypal(tmp_path, port=port):
        assert seller.order(order_id)["status"] == "APPROVED"
        assert seller.create(key="before") == order_id
        assert seller.capture(order_id).status_code == 201
        assert (tmp_path / "ca.pem").read_bytes() == certificate
        seller.close()
