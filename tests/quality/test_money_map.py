"""Money goes from the buyer to the provider: nothing that leaves the platform names anybody else or takes a share."""

import ast
import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.domain.later import defer
from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderState
from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.models import Payment, ProviderPayeeAccount
from app.integrations.gateways.interface import Attempt, OnlyByHand
from app.links import notification_url
from app.money import Money
from app.settings import Settings
from app.shells.start_checkout import start_checkout
from app.shells.works import Works
from sandbox.stripe.forms import read_form
from tests.neighbours import PAYPAL_PLATFORM
from tests.quality.tree import files, name
from tests.town import Town, fresh, paid_through_platform, place, run_until_quiet

# How gateways spell a share for whoever stands in between, or money that stops over there.
SHARE = re.compile(
    r"platform_?fees?|application_?fee|transfer_?data|transfer_?group|on_?behalf_?of|partner_?fee"
    r"|disbursement|payment_?instruction|destination|split_?payment",
    re.IGNORECASE,
)
PAYEE = re.compile(
    r"payee|merchant_?id|account_?number|iban|email_address|recipient|beneficiary", re.IGNORECASE
)


def parts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every name in a JSON value, with its path and what it holds."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield f"{path}/{key}", below
            yield from parts(below, f"{path}/{key}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from parts(below, f"{path}/{index}")


def check_money_goes_to(payee: str, body: Any) -> None:
    """AssertionError where a body takes a share, or names a payee other than `payee`."""
    for path, value in parts(body):
        assert not SHARE.search(path), f"{path} takes a share"
        if PAYEE.search(path.rpartition("/")[2]) and not isinstance(value, dict):
            assert value == payee, f"{path} pays {value}"


@pytest.mark.parametrize(
    "body",
    [
        {"purchase_units": [{"payment_instruction": {"platform_fees": [{"amount": {"value": "1.00"}}]}}]},
        {"purchase_units": [{"payee": {"merchant_id": "PLATFORM"}}]},
        {"purchase_units": [{"payee": {"email_address": "platform@example.org"}}]},
        {"application_fee_amount": 1},
        {"transfer_data": {"destination": "acct_platform"}},
        {"payment_intent_data": {"application_fee_amount": "1"}},
        {"payment_intent_data": {"on_behalf_of": "acct_platform"}},
        {"destination": "acct_platform"},
    ],
    ids=str,
)
def test_a_share_or_another_payee_is_found(body: dict[str, Any]):
    with pytest.raises(AssertionError):
        check_money_goes_to("PROVIDER", body)


def test_the_provider_as_payee_is_no_finding():
    check_money_goes_to("PROVIDER", {"purchase_units": [{"payee": {"merchant_id": "PROVIDER"}}]})


def offers_of_two_providers(works: Works) -> list[Offer]:
    with works.sessions() as session:
        found: dict[Any, Offer] = {}
        few = (
            select(Offer)
            .where(Offer.min_quantity == 1, Offer.quantity > 500)
            .order_by(Offer.mandate_id.desc())
        )
        for offer in session.execute(few).scalars():
            found.setdefault(offer.provider_id, offer)
        return list(found.values())[:2]


def test_everything_sent_to_the_gateway_pays_the_provider_and_nobody_else(shop: Works, town: Town):
    """Two orders of two providers: one is paid and cancelled, the other refused by the registry and refunded."""
    httpx.delete(f"{town.paypal.url}/sandbox/calls").raise_for_status()
    orders = place(shop, {offer.id: 3 for offer in offers_of_two_providers(shop)}).orders
    assert len(orders) == 2
    payments = [start_checkout(shop, order.id) for order in orders]
    for payment in payments:
        town.approve(payment, "no_webhook")
    for payment, refused in zip(payments, (False, True), strict=True):
        if refused:
            town.fault("requestCancellation", "refuse", code="block_not_available")
        with shop.sessions.begin() as session:
            defer(session, "look_at_payment", payment_id=payment.id)
        run_until_quiet(shop)
    assert [fresh(shop, order).state for order in orders] == [OrderState.COMPLETED, OrderState.REFUNDED]

    with shop.sessions() as session:
        due = {
            str(payment.id): (payment.account.external_id, payment.order.total)
            for payment in session.execute(select(Payment)).scalars()
        }
    merchants = {payee for payee, _ in due.values()}
    assert len(merchants) == 2
    calls = httpx.get(f"{town.paypal.url}/sandbox/calls").raise_for_status().json()
    assert {call["operation"] for call in calls} >= {
        "create_order",
        "capture_order",
        "refund_capture",
        "get_order",
    }
    for call in calls:
        if call["merchant_id"] is None:
            assert call["operation"] == "token", "nobody asks without a provider's own token"
            continue
        assert call["merchant_id"] in merchants, "the call is made as the provider"
        body = json.loads(call["body"]) if call["body"] else {}
        check_money_goes_to(call["merchant_id"], body)
        for header in call["headers"]:
            assert "assertion" not in header.lower(), "nobody acts for somebody else"
    opened = [json.loads(call["body"]) for call in calls if call["operation"] == "create_order"]
    by_whom = [call["merchant_id"] for call in calls if call["operation"] == "create_order"]
    assert len(opened) == 2
    for body, merchant in zip(opened, by_whom, strict=True):
        (unit,) = body["purchase_units"]
        payee, total = due[unit["custom_id"]]
        assert (merchant, Money.parse(unit["amount"]["value"], unit["amount"]["currency_code"])) == (
            payee,
            total,
        )
    for payment in payments:
        (capture,) = town.captures(payment.id)
        payee, total = due[str(payment.id)]
        assert Money.parse(capture["amount"]["value"], capture["amount"]["currency_code"]) == total
    assert {order.id for order in orders} == {payment.order_id for payment in payments}


@dataclass
class Sent:
    """Something that left the platform for a gateway, as it went over the wire."""

    url: httpx.URL
    headers: httpx.Headers
    text: str

    @property
    def body(self) -> Any:
        """The names in it, whatever it is written in, with those of the address."""
        query = read_form(self.url.query.decode())
        if self.headers.get("Content-Type", "").startswith("application/json"):
            return [query, json.loads(self.text or "{}")]
        return [query, read_form(self.text)]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """Everything that this process sends from here on, to whomever."""
    seen: list[Sent] = []
    really_send = httpx.HTTPTransport.handle_request

    def send(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        seen.append(Sent(request.url, request.headers, request.content.decode()))
        return really_send(self, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", send)
    return seen


GATEWAYS = [
    ("paypal", "own_app"),
    ("paypal", "payee"),
    ("paypal", "partner"),
    ("stripe", "own_key"),
    ("stripe", "connect"),
    ("mollie", "own_key"),
]
# What an application at PayPal asks about itself, or about who may agree to be acted for.
OF_THE_APPLICATION = (
    "/v1/oauth2/",
    "/v1/notifications/",
    "/v1/customer/partners/",
    "/v2/customer/partner-referrals",
)
BY_HAND = {("paypal", "payee")}  # where a provider gives money back without us


def acts_for(headers: httpx.Headers) -> str | None:
    """In whose name a call is made through the platform's application at PayPal; None in its own."""
    assertion = headers.get("PayPal-Auth-Assertion")
    if assertion is None:
        return None
    _, claims, signature = assertion.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert (signature, set(decoded)) == ("", {"iss", "payer_id"})
    assert decoded["iss"] == PAYPAL_PLATFORM["PAYPAL_PLATFORM_CLIENT_ID"]
    return str(decoded["payer_id"])


# What each must have been asked for, by the ends of the addresses.
ASKED = {
    "paypal": {"capture", "orders"},
    "stripe": {"capture", "sessions", "cancel", "refunds"},
    "mollie": {"payments", "captures", "release-authorization", "refunds", "webhooks"},
}


@pytest.mark.parametrize(("code", "mode"), GATEWAYS)
def test_every_body_of_every_call_of_a_gateway_pays_the_provider_and_nobody_else(
    shop: Works, town: Town, wire: list[Sent], code: str, mode: str
):
    """All calls of the interface, each with everything that it sends."""
    if mode in ("payee", "partner"):
        paid_through_platform(shop, town, mode)
    with shop.sessions() as session:
        offer, row = session.execute(
            select(Offer, ProviderPayeeAccount)
            .join(ProviderPayeeAccount, ProviderPayeeAccount.provider_id == Offer.provider_id)
            .where(ProviderPayeeAccount.gateway == code, ProviderPayeeAccount.mode == mode)
            .where(Offer.min_quantity == 1, Offer.quantity > 500)
            .limit(1)
        ).one()
        account = account_of(row, shop.sealer)
    gateway = shop.neighbours.gateways[code]
    asked: set[str] = set()
    for scenario in ("approve", "given up"):
        order = place(shop, {offer.id: 3}, method=code).orders[0]
        payment = start_checkout(shop, order.id)
        town.approve(payment, "no_webhook")
        attempt = attempt_of_payment(shop, payment)
        if scenario == "given up":
            gateway.release(attempt, account, f"{payment.id}:release")
            continue
        (receipt,) = gateway.capture(attempt, account, f"{payment.id}:capture").entries
        try:
            gateway.refund(attempt, account, receipt, receipt.amount, f"{payment.id}:refund")
        except OnlyByHand:
            assert (code, mode) in BY_HAND
        gateway.fetch(attempt, account)
    gateway.ensure_webhook(account, notification_url(shop.settings.public_url, code, account.receiver))
    address = httpx.URL(shop.settings.api_urls[code])
    own = [
        sent for sent in wire if sent.url.port == address.port and sent.url.path.startswith(("/v1", "/v2"))
    ]
    for sent in own:
        asked.add(sent.url.path.rsplit("/", 1)[1])
        check_money_goes_to(account.external_id, sent.body)
        if code == "paypal":
            alone = sent.url.path.startswith(OF_THE_APPLICATION) or mode != "partner"
            assert acts_for(sent.headers) == (None if alone else account.external_id)
        if code == "mollie":
            assert sent.headers["Authorization"] == f"Bearer {account.secret}"
        if code == "stripe":
            key = account.secret if mode == "own_key" else shop.settings.stripe_connect_key
            assert sent.headers["Authorization"] == f"Bearer {key}"
            acted_for = sent.headers.get("Stripe-Account")
            assert acted_for == (account.external_id if mode == "connect" else None) or (
                sent.url.path
                == "/v1/webhook_endpoints"  # the platform's own, which tells of all its accounts
            )
    if code == "paypal":
        opened = [sent.body[1] for sent in own if sent.url.path == "/v2/checkout/orders"]
        named = [unit.get("payee") for body in opened for unit in body["purchase_units"]]
        email, merchant = {"email_address": account.external_id}, {"merchant_id": account.external_id}
        assert named == [{"own_app": None, "payee": email, "partner": merchant}[mode]] * 2
    assert ASKED[code] <= asked
    assert len(own) > 6


def attempt_of_payment(works: Works, payment: Payment) -> Attempt:
    with works.sessions() as session:
        return attempt_of(session.merge(payment), works.settings.public_url)


# What is not there to be configured or written cannot be sent.


def test_the_platform_has_no_account_of_its_own_to_be_paid_on():
    found = [each.name for each in fields(Settings) if PAYEE.search(each.name) or SHARE.search(each.name)]
    assert found == ["paypal_payee_mode"]
    assert {each.name: each.type for each in fields(Settings)}["paypal_payee_mode"] in (bool, "bool")
    money = [each.name for each in fields(Settings) if re.search(r"fee|commission|margin", each.name)]
    assert money == []


def test_no_share_is_written_anywhere_in_the_code():
    modules = files("app/*.py")
    assert len(modules) > 100
    words = {
        name(path): sorted(found)
        for path in modules
        if (
            found := {
                node.value
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and " " not in node.value
                and SHARE.search(node.value)
            }
        )
    }
    assert words == {}


def test_an_order_has_nothing_but_its_lines_to_be_paid():
    money = {column.name for column in Order.__table__.columns if column.name.endswith("_minor")}
    has_moved = {"received_minor", "given_back_minor", "disputed_minor"}
    assert money - has_moved == {"total_minor"}
