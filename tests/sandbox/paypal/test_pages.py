"""The payment page: for people, without script, and honest about being a sandbox."""

from urllib.parse import parse_qs, urlsplit

import html5lib
import pytest
from bs4 import BeautifulSoup

from tests.sandbox.paypal.seller import Seller


def _page(seller: Seller, path: str) -> BeautifulSoup:
    answer = seller.http.get(path)
    html5lib.HTMLParser(strict=True).parse(answer.text)
    return BeautifulSoup(answer.text, "html.parser")


def test_page_says_what_is_paid_to_whom(seller: Seller):
    order_id = seller.create("1234.50", description="VC-7K3M-29QD: 25 t")
    page = _page(seller, f"/checkoutnow?token={order_id}")
    text = page.get_text(" ", strip=True)
    for said in ("1234.50 EUR", "Sample provider", seller.merchant_id, "VC-7K3M-29QD: 25 t"):
        assert said in text
    assert "Sandbox payment page – no real money" in text
    assert len(page.select("h1")) == 1
    assert page.html["lang"] == "en"
    assert "Sandbox" in page.title.get_text()


def test_first_button_pays(seller: Seller):
    page = _page(seller, f"/checkoutnow?token={seller.create()}")
    assert page.select_one("button, input[type=submit]").get_text() == "Pay"
    assert [radio["value"] for radio in page.select("input[type=radio][checked]")] == ["approve"]
    assert all(radio.find_parent("label") for radio in page.select("input[type=radio]"))


def test_no_script_and_nothing_inline(seller: Seller):
    answer = seller.http.get(f"/checkoutnow?token={seller.create()}")
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select("script, style, [style], [onclick], [onsubmit]") == []
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    # The seller's addresses are where the form may end, and only they.
    assert policy.endswith("form-action 'self' http://127.0.0.1:9")


def test_paying_leads_back_with_token_and_payer(seller: Seller):
    order_id = seller.create()
    answer = seller.approve(order_id)
    back = urlsplit(answer.headers["Location"])
    assert (answer.status_code, back.path) == (303, "/return")
    query = parse_qs(back.query)
    assert (query["order"], query["token"]) == (["1"], [order_id])
    assert query["PayerID"] == [seller.order(order_id)["payer"]["payer_id"]]


def test_paying_twice_is_paying_once(seller: Seller):
    order_id = seller.create()
    first, again = seller.approve(order_id), seller.approve(order_id, "decline")
    assert first.headers["Location"] == again.headers["Location"]
    assert seller.capture(order_id).status_code == 201


def test_cancelling_leads_to_the_cancel_address(seller: Seller):
    order_id = seller.create()
    assert (
        seller.approve(order_id, "cancel").headers["Location"]
        == f"http://127.0.0.1:9/cancel?token={order_id}"
    )
    assert seller.order(order_id)["status"] == "PAYER_ACTION_REQUIRED"


def test_nothing_is_left_to_do_on_a_paid_order(seller: Seller):
    order_id = seller.create()
    seller.approve(order_id)
    seller.capture(order_id)
    page = _page(seller, f"/checkoutnow?token={order_id}")
    assert page.select("form") == []
    assert page.select_one("main a")["href"].startswith("http://127.0.0.1:9/return")


def test_nonsense_is_no_scenario(seller: Seller):
    order_id = seller.create()
    assert seller.approve(order_id, "nonsense").status_code == 400
    assert seller.order(order_id)["status"] == "PAYER_ACTION_REQUIRED"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_payment(seller: Seller, method: str):
    answer = seller.http.request(
        method, "/checkoutnow", params={"token": "NO"}, data={"token": "NO", "scenario": "approve"}
    )
    assert answer.status_code == 404
    assert "Payment not found" in answer.text


def test_front_page_lists_payments(seller: Seller):
    order_id = seller.create()
    assert order_id in _page(seller, "/").get_text()
