"""Sessions, intents, refunds and disputes move as Stripe's do."""

import time

import pytest

from tests.sandbox.stripe.seller import Seller


def states(seller: Seller, session_id: str) -> tuple[str, str, str | None]:
    """Session, its payment, its intent."""
    session = seller.session(session_id)
    intent = session["payment_intent"]
    return session["status"], session["payment_status"], intent and intent["status"]


def error(answer) -> str:
    return answer.json()["error"].get("code")


def test_open_session_has_no_intent_and_an_address(seller: Seller):
    session_id = seller.create()
    assert states(seller, session_id) == ("open", "unpaid", None)
    assert seller.session(session_id)["url"].endswith(session_id)


def test_approved_money_is_held_until_it_is_captured(seller: Seller):
    session_id = seller.approved()
    assert states(seller, session_id) == ("complete", "unpaid", "requires_capture")
    assert seller.session(session_id)["url"] is None
    assert seller.capture(session_id).status_code == 200
    assert states(seller, session_id) == ("complete", "paid", "succeeded")
    assert error(seller.capture(session_id)) == "payment_intent_unexpected_state"


def test_money_is_taken_at_once_without_manual_capture(seller: Seller):
    session_id = seller.create(payment_intent_data={"capture_method": "automatic"})
    seller.control(f"sessions/{session_id}/pay", scenario="approve")
    assert states(seller, session_id) == ("complete", "paid", "succeeded")


@pytest.mark.parametrize("scenario", ["decline", "insufficient_funds"])
def test_declined_card_leaves_the_session_open(seller: Seller, scenario: str):
    session_id = seller.create()
    page = seller.pay(session_id, scenario)
    assert page.status_code == 200
    assert "The bank has declined" in page.text
    assert states(seller, session_id) == ("open", "unpaid", "requires_payment_method")
    assert seller.pay(session_id).headers["Location"] == "http://127.0.0.1:9/return?order=1"
    assert states(seller, session_id)[2] == "requires_capture"


@pytest.mark.parametrize(
    ("options", "scenario"),
    [({}, "three_d_secure"), ({"card": {"request_three_d_secure": "any"}}, "approve")],
    ids=["card", "asked for"],
)
def test_bank_asks_first(seller: Seller, options: dict, scenario: str):
    session_id = seller.create(payment_method_options=options)
    where = seller.pay(session_id, scenario).headers["Location"]
    assert where == f"/c/pay/{session_id}/authenticate"
    assert states(seller, session_id) == ("open", "unpaid", "requires_action")
    assert "Your bank asks" in seller.http.get(where).text
    assert "declined" in seller.http.post(where, data={"outcome": "fail"}).text
    assert states(seller, session_id)[2] == "requires_payment_method"
    seller.pay(session_id, scenario)
    assert seller.http.post(where, data={"outcome": "complete"}).status_code == 303
    charge = seller.session(session_id)["payment_intent"]["latest_charge"]
    assert charge["payment_method_details"]["card"]["three_d_secure"]["result"] == "authenticated"


def test_delayed_payment_comes_or_does_not(seller: Seller):
    came, failed = seller.approved("delayed_waits"), seller.approved("delayed_waits")
    assert states(seller, came) == ("complete", "unpaid", "processing")
    seller.control(f"sessions/{came}/succeed")
    seller.control(f"sessions/{failed}/fail")
    assert states(seller, came) == ("complete", "paid", "succeeded")
    assert states(seller, failed) == ("complete", "unpaid", "requires_payment_method")


def test_buyer_goes_back(seller: Seller):
    session_id = seller.create()
    assert seller.pay(session_id, "cancel").headers["Location"] == "http://127.0.0.1:9/cancel"
    assert states(seller, session_id)[0] == "open"


def test_expired_session_cannot_be_paid(seller: Seller):
    session_id = seller.create()
    seller.post(f"/v1/checkout/sessions/{session_id}/expire").raise_for_status()
    assert "expired" in seller.pay(session_id).text
    assert states(seller, session_id) == ("expired", "unpaid", None)


def test_cancelled_intent_gives_the_approval_back(seller: Seller):
    session_id = seller.approved()
    answer = seller.post(
        f"/v1/payment_intents/{seller.intent_id(session_id)}/cancel", {"cancellation_reason": "abandoned"}
    )
    assert (answer.json()["status"], answer.json()["cancellation_reason"]) == ("canceled", "abandoned")
    assert error(seller.capture(session_id)) == "payment_intent_unexpected_state"


def test_refunds_add_up(seller: Seller):
    session_id = seller.captured()
    assert seller.refund(session_id, amount=1000).json()["status"] == "succeeded"
    assert error(seller.refund(session_id, amount=1501)) == "parameter_invalid_integer"
    assert seller.refund(session_id).json()["amount"] == 1500
    assert error(seller.refund(session_id)) == "charge_already_refunded"


def test_refund_that_fails_gives_its_amount_free_again(seller: Seller):
    session_id = seller.captured()
    refund = seller.refund(session_id).json()["id"]
    assert seller.control(f"refunds/{refund}/failed")["status"] == "failed"
    assert seller.session(session_id)["payment_intent"]["latest_charge"]["amount_refunded"] == 0
    assert seller.refund(session_id).status_code == 200


def test_disputed_charge_is_not_refunded(seller: Seller):
    session_id = seller.captured()
    dispute = seller.control(f"sessions/{session_id}/dispute")
    assert [part["amount"] for part in dispute["balance_transactions"]] == [-2500]
    assert error(seller.refund(session_id)) == "charge_disputed"
    won = seller.control(f"disputes/{dispute['id']}/close", status="won")
    assert [part["amount"] for part in won["balance_transactions"]] == [-2500, 2500]


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"application_fee_amount": 1}, "application_fee_amount"),
        (
            {"payment_intent_data": {"transfer_data": {"destination": "acct_1"}}},
            "payment_intent_data[transfer_data]",
        ),
        ({"expires_at": int(time.time()) + 60}, "expires_at"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
    ],
    ids=["fee", "transfer", "too short", "address"],
)
def test_what_stripe_would_not_take(seller: Seller, changes: dict, param: str):
    answer = seller.post("/v1/checkout/sessions", seller.session_body(**changes))
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_session_of_another_seller_is_not_found(gateway, seller: Seller):
    other = Seller(gateway.url)
    assert error(other.api.get(f"/v1/checkout/sessions/{seller.create()}")) == "resource_missing"
    other.close()


def test_magic_amount_is_a_scenario(seller: Seller):
    session_id = seller.create(906405)
    seller.control(f"sessions/{session_id}/pay")
    assert states(seller, session_id)[2] == "processing"
