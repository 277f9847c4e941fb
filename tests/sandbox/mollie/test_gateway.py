"""The Mollie-shaped gateway as its documentation describes Mollie: payments, their parts, webhooks, and its control."""

import hashlib
import hmac
import json
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.mollie.scenarios import SCENARIOS
from tests.neighbours import Program, free_port, start_mollie
from tests.sandbox.mollie.seller import Seller
from tests.sandbox.paypal.listener import Listener


def paid(seller: Seller, scenario: str = "approve") -> dict[str, Any]:
    """A payment whose payer has pressed a button."""
    payment = seller.open()
    seller.control(f"payments/{payment['id']}/pay", scenario=scenario)
    return payment


def shown(
    seller: Seller, payment: dict[str, Any], embed: str = "captures,refunds,chargebacks"
) -> dict[str, Any]:
    answer = seller.call("GET", f"/v2/payments/{payment['id']}", {"embed": embed})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def subscribe(seller: Seller, url: str, *types: str) -> dict[str, Any]:
    wanted = {"name": "w", "url": url, "eventTypes": list(types or ["*"])}
    made: dict[str, Any] = seller.call("POST", "/v2/webhooks", wanted).json()
    return made


def told(listener: Listener, count: int) -> list[str]:
    """The types of the next messages, in the order of their arrival."""
    return [json.loads(listener.take().content)["type"] for _ in range(count)]


def test_a_payment_waits_for_its_payer(seller: Seller):
    payment = shown(seller, seller.open())
    assert (payment["resource"], payment["status"], payment["mode"]) == ("payment", "open", "test")
    assert payment["_links"]["checkout"]["href"].endswith(f"/checkout/{payment['id']}")
    assert payment["_embedded"] == {"captures": [], "refunds": [], "chargebacks": []}
    assert "_embedded" not in shown(seller, payment, "")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": {"currency": "EUR", "value": "25.5"}}, "amount.value"),
        ({"amount": {"currency": "EUR", "value": "0.00"}}, "amount"),
        ({"amount": {"currency": "JPY", "value": "25.00"}}, "amount.value"),
        ({"amount": {"currency": "KWD", "value": "25.000"}}, "amount.currency"),
        ({"amount": "25.00"}, "amount"),
        ({"redirectUrl": "ftp://x"}, "redirectUrl"),
        ({"description": ""}, "description"),
        ({"profileId": "pfl_other"}, "profileId"),
        ({"method": "ideal"}, "method"),
        ({"captureMode": "automatic"}, "captureMode"),
        ({"metadata": "x" * 2000}, "metadata"),
        ({"applicationFee": {"amount": {"currency": "EUR", "value": "1.00"}}}, "applicationFee"),
        ({"routing": []}, "routing"),
    ],
)
def test_what_makes_no_sense_is_named(seller: Seller, change: dict[str, Any], field: str):
    good = {
        name: value
        for name, value in seller.open().items()
        if name in {"amount", "description", "redirectUrl"}
    }
    wanted = good | {"profileId": seller.profile_id, "method": "creditcard", "captureMode": "manual"} | change
    answer = seller.call("POST", "/v2/payments", wanted)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["status"] == 422


def test_without_a_known_token_nobody_is_anybody(seller: Seller):
    assert seller.call("GET", "/v2/organizations/me").json()["id"] == seller.organisation_id
    assert seller.http.get("/v2/organizations/me").status_code == 401
    seller.token = "access_other"
    assert seller.call("GET", "/v2/organizations/me").status_code == 401


def test_same_key_makes_one_payment_for_an_hour(seller: Seller):
    payment = seller.open()
    wanted = {
        name: payment[name] for name in ("amount", "description", "redirectUrl", "method", "captureMode")
    }
    wanted["profileId"] = seller.profile_id
    ids = {seller.call("POST", "/v2/payments", wanted, key="one").json()["id"] for _ in range(2)}
    assert len(ids) == 1
    seller.control("clock", forward_seconds=3601)
    assert seller.call("POST", "/v2/payments", wanted, key="one").json()["id"] not in ids


def test_money_is_taken_by_a_capture_and_once(seller: Seller):
    payment = paid(seller)
    assert shown(seller, payment)["status"] == "authorized"
    made = seller.call("POST", f"/v2/payments/{payment['id']}/captures").json()
    assert (made["status"], made["amount"]) == ("succeeded", payment["amount"])
    assert shown(seller, payment)["status"] == "paid"
    assert seller.call("POST", f"/v2/payments/{payment['id']}/captures").status_code == 422


@pytest.mark.parametrize(
    ("scenario", "status"),
    [("cancel", "canceled"), ("decline", "failed"), ("pending", "pending"), ("approve", "authorized")],
)
def test_the_payers_button_decides(seller: Seller, scenario: str, status: str):
    payment = seller.open()
    page = seller.http.post(f"/checkout/{payment['id']}", data={"scenario": scenario})
    assert page.status_code == 303
    assert page.headers["Location"].endswith("/back" if scenario == "cancel" else "/return")
    assert shown(seller, payment)["status"] == status
    assert "nothing left to do" in seller.http.get(f"/checkout/{payment['id']}").text


def test_every_scenario_has_its_button_and_its_amount(seller: Seller):
    page = seller.http.get(f"/checkout/{seller.open()['id']}").text
    assert all(f'value="{code}"' in page for code in SCENARIOS)
    for scenario in SCENARIOS.values():
        payment = seller.open(f"{scenario.amount[:-2]}.{scenario.amount[-2:]}")
        page = seller.http.get(f"/checkout/{payment['id']}").text
        assert f'value="{scenario.code}"' in page.partition(" autofocus")[0].rpartition("<button")[2]


def test_pages_hold_nothing_from_elsewhere(seller: Seller):
    page = seller.http.get(f"/checkout/{seller.open()['id']}")
    assert "script" not in page.headers["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:9" in page.headers["Content-Security-Policy"]
    assert seller.http.get("/checkout/tr_nobody").status_code == 404
    assert seller.organisation_id in seller.http.get(f"/checkout/{seller.open()['id']}").text
    assert "25.50 EUR" in seller.http.get("/").text
    assert seller.http.get("/static/stripe.css").status_code == 200


def test_refunds_never_exceed_what_was_paid(seller: Seller):
    payment = paid(seller)
    seller.call("POST", f"/v2/payments/{payment['id']}/captures")
    where = f"/v2/payments/{payment['id']}/refunds"

    def refund(value: str) -> int:
        return seller.call("POST", where, {"amount": {"currency": "EUR", "value": value}}).status_code

    assert [refund("25.00"), refund("0.51"), refund("0.50"), refund("0.01")] == [201, 422, 201, 422]


def test_what_is_given_up_is_over(seller: Seller):
    opened, approved = seller.open(), paid(seller)
    assert seller.call("DELETE", f"/v2/payments/{opened['id']}").status_code == 200
    assert seller.call("POST", f"/v2/payments/{approved['id']}/release-authorization").status_code == 202
    assert {shown(seller, opened)["status"], shown(seller, approved)["status"]} == {"canceled"}
    assert seller.call("DELETE", f"/v2/payments/{opened['id']}").status_code == 422


def test_an_approval_that_nobody_captures_lapses(seller: Seller):
    payment = paid(seller)
    seller.control("clock", forward_seconds=8 * 24 * 3600)
    while shown(seller, payment)["status"] == "authorized":
        seller.control("webhooks/flush")
    assert shown(seller, payment)["status"] == "expired"


# Webhooks.


def test_messages_are_signed_over_the_body(seller: Seller, listener: Listener):
    secret = subscribe(seller, listener.url)["webhookSecret"]
    payment = paid(seller)
    message = listener.take()
    due = hmac.new(secret.encode(), message.content, hashlib.sha256).hexdigest()
    assert message.headers["X-Mollie-Signature"] == f"sha256={due}"
    event = json.loads(message.content)
    assert (event["resource"], event["type"], event["entityId"]) == (
        "event",
        "payment.authorized",
        payment["id"],
    )
    assert event["_embedded"]["entity"]["status"] == "authorized"


def test_only_what_was_asked_for_is_told(seller: Seller, listener: Listener):
    subscribe(seller, listener.url, "payment.paid")
    payment = paid(seller)
    seller.call("POST", f"/v2/payments/{payment['id']}/captures")
    assert told(listener, 1) == ["payment.paid"]
    assert not listener.has_more()


def test_duplicates_are_the_same_event(seller: Seller, listener: Listener):
    subscribe(seller, listener.url)
    paid(seller, "duplicate")
    assert listener.take().content == listener.take().content


def test_first_message_may_come_last(seller: Seller, listener: Listener):
    subscribe(seller, listener.url)
    payment = paid(seller, "out_of_order")
    seller.call("POST", f"/v2/payments/{payment['id']}/captures")
    assert sorted(arrived := told(listener, 3)) == ["capture.succeeded", "payment.authorized", "payment.paid"]
    assert arrived[0] != "payment.authorized"


def test_late_and_missing_messages(seller: Seller, listener: Listener):
    subscribe(seller, listener.url)
    paid(seller, "late")
    silent = paid(seller, "no_webhook")
    assert not listener.has_more()
    assert seller.control("webhooks/flush")["due"] >= 1
    assert told(listener, 1) == ["payment.authorized"]
    assert seller.control("webhooks/resend", payment_id=silent["id"])["sent"] == 1
    assert json.loads(listener.take().content)["entityId"] == silent["id"]


def test_forged_message_is_not_signed_with_the_secret(seller: Seller, listener: Listener):
    secret = subscribe(seller, listener.url)["webhookSecret"]
    paid(seller, "forged")
    message = listener.take()
    due = hmac.new(secret.encode(), message.content, hashlib.sha256).hexdigest()
    assert message.headers["X-Mollie-Signature"] != f"sha256={due}"


def test_message_that_is_not_taken_comes_again(seller: Seller, listener: Listener):
    subscribe(seller, listener.url)
    listener.answers = [500]
    paid(seller)
    first = listener.take()
    seller.control("webhooks/flush")
    assert listener.take().content == first.content


# Control.


@pytest.mark.parametrize(
    ("kind", "status", "acted"),
    [
        ("rate_limited", 429, False),
        ("error_503", 503, False),
        ("error_500", 500, False),
        ("error_500_after", 500, True),
        ("conflict", 409, False),
    ],
)
def test_faults_disturb_one_call(seller: Seller, kind: str, status: int, acted: bool):
    payment = paid(seller)
    seller.control("faults", operation="create_capture", kind=kind)
    assert seller.call("POST", f"/v2/payments/{payment['id']}/captures").status_code == status
    assert (shown(seller, payment)["status"] == "paid") is acted


@pytest.mark.parametrize(("kind", "acted"), [("timeout_before", False), ("timeout_after", True)])
def test_connection_breaks_before_or_after_acting(seller: Seller, kind: str, acted: bool):
    payment = paid(seller)
    seller.control("faults", operation="*", kind=kind, seconds=0)
    with pytest.raises(httpx.TransportError):
        seller.call("POST", f"/v2/payments/{payment['id']}/captures")
    assert (shown(seller, payment)["status"] == "paid") is acted


def test_unknown_faults_and_scenarios_are_refused(seller: Seller):
    payment = seller.open()
    for path, body in (
        ("faults", {"operation": "create_capture", "kind": "earthquake"}),
        ("faults", {"operation": "everything", "kind": "slow"}),
        (f"payments/{payment['id']}/pay", {"scenario": "steal"}),
        ("organisations", {"external_id": "org_1"}),
    ):
        assert seller.http.post(f"/sandbox/{path}", json=body).status_code == 422
    assert seller.http.post(f"/sandbox/payments/{payment['id']}/vanish").status_code == 404


def test_the_call_log_has_bodies_and_no_token(seller: Seller):
    seller.open()
    log = seller.http.get("/sandbox/calls", params={"operation": "create_payment"})
    (own,) = [call for call in log.json() if call["organisation_id"] == seller.organisation_id]
    assert json.loads(own["body"])["profileId"] == seller.profile_id
    assert seller.token not in log.text


def test_the_ledger_shows_every_payment_with_its_parts(seller: Seller):
    payment = paid(seller)
    seller.call("POST", f"/v2/payments/{payment['id']}/captures")
    (own,) = [item for item in seller.http.get("/sandbox/payments").json() if item["id"] == payment["id"]]
    assert (own["organisation"], own["scenario"]) == (seller.organisation_id, "approve")
    assert [capture["status"] for capture in own["_embedded"]["captures"]] == ["succeeded"]


def test_its_state_outlives_the_process(tmp_path: Path):
    port = free_port()
    seed = Path(__file__).parents[3] / "sandbox" / "seed" / "platform.json"

    def start() -> Program:
        return start_mollie(tmp_path, port, merchants=seed)

    with start() as program:
        seller = Seller(program.url)
        payment = paid(seller)
    with start() as program:
        assert shown(seller, payment)["status"] == "authorized"
        seller.close()
    with sqlite3.connect(tmp_path / "gateway.db") as db:
        assert db.execute("SELECT count(*) FROM organisation WHERE id = 'org_10080808'").fetchone() == (1,)
