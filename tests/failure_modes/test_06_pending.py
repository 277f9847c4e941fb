"""The gateway has taken the money and holds it back: an eCheck, a review, something the payee has to do."""

from collections.abc import Iterator

import httpx
import pytest

from app.domain.mails.models import Mail
from app.domain.orders.models import OrderState
from app.domain.payments.models import Payment, PaymentState, ProviderPayeeAccount
from tests.failure_modes.bench import Bench

WAITS = [
    ("paypal", "echeck", "echeck"),
    ("paypal", "review", "review"),
    ("stripe", "delayed_waits", "delayed"),
]


def decide(bench: Bench, payment: Payment, *, comes: bool) -> None:
    """The gateway makes up its mind."""
    if payment.gateway == "stripe":
        bench.town.stripe_session(payment, "succeed" if comes else "fail")
        return
    (capture,) = bench.town.captures(payment.id)
    what = "complete" if comes else "deny"
    httpx.post(f"{bench.town.paypal.url}/sandbox/captures/{capture['id']}/{what}").raise_for_status()


def waiting(bench: Bench, method: str, scenario: str) -> tuple:
    order, payment = bench.buy(method, scenario)
    bench.settle(payment)
    assert bench.payment(payment).state == PaymentState.PENDING
    return order, payment


@pytest.mark.parametrize(("method", "scenario", "reason"), WAITS)
def test_failure_mode_06_nothing_is_cancelled_while_it_waits(
    bench: Bench, method: str, scenario: str, reason: str
) -> None:
    order, payment = waiting(bench, method, scenario)
    assert bench.payment(payment).reason == reason
    bench.wait(days=5)  # the hold is long over, and is frozen
    bench.sweep()
    held = bench.order(order)
    assert (held.state, bench.money(order)) == (OrderState.AWAITING_PAYMENT, [])
    assert held.lines[0].offer.held == held.quantity
    decide(bench, payment, comes=True)
    bench.settle(payment)
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.money(order) == [("receipt", order.total_minor)]


@pytest.mark.parametrize(("method", "scenario", "reason"), WAITS[1:])
def test_failure_mode_06_what_never_comes_frees_the_units(
    bench: Bench, method: str, scenario: str, reason: str
) -> None:
    order, payment = waiting(bench, method, scenario)
    decide(bench, payment, comes=False)
    bench.settle(payment)
    assert bench.payment(payment).state == PaymentState.FAILED
    assert "payment_failed" in bench.mails(order)
    bench.wait(hours=2)
    bench.sweep()
    ended = bench.order(order)
    assert (ended.state, ended.lines[0].offer.held, bench.money(order)) == (OrderState.EXPIRED, 0, [])


@pytest.mark.parametrize(("method", "scenario", "reason"), WAITS[1:])
def test_failure_mode_06_no_second_checkout_is_opened_beside_it(
    bench: Bench, method: str, scenario: str, reason: str
) -> None:
    order, payment = waiting(bench, method, scenario)
    assert bench.start(order).id == payment.id


@pytest.fixture
def picky(bench: Bench) -> Iterator[ProviderPayeeAccount]:
    """The seller holds no balance in the currency at PayPal, and has to accept each payment."""
    offer = bench.offer("paypal")
    with bench.session() as session:
        account = (
            session.query(ProviderPayeeAccount)
            .filter_by(provider_id=offer.provider_id, gateway="paypal")
            .one()
        )
        seller = {
            "external_id": account.external_id,
            "client_id": account.client_id,
            "client_secret": bench.works.sealer.of(account.id).open(account.secret_sealed),
            "name": "Sample",
        }
    url = f"{bench.town.paypal.url}/sandbox/merchants"
    httpx.post(url, json={**seller, "currencies": ["NOK"]}).raise_for_status()
    yield account
    httpx.post(url, json={**seller, "currencies": account.currencies}).raise_for_status()


def test_failure_mode_06_the_payee_who_has_to_act_is_told_once(
    bench: Bench, picky: ProviderPayeeAccount
) -> None:
    order, payment = waiting(bench, "paypal", "no_webhook")
    assert bench.payment(payment).reason == "payee_action"
    bench.wait(hours=2)
    bench.sweep()
    assert bench.mails(order).count("payment_waits_for_payee") == 1
    with bench.session() as session:
        mail = session.query(Mail).filter_by(order_id=order.id, kind="payment_waits_for_payee").one()
        assert mail.to == bench.order(order).provider.contact_email
    decide(bench, payment, comes=True)
    bench.settle(payment)
    assert bench.order(order).state == OrderState.COMPLETED


def test_failure_mode_06_echecks_are_kept_out_where_paypal_lets_us(bench: Bench) -> None:
    order = bench.place("paypal")
    before = bench.calls("paypal", "create_order")
    bench.start(order)
    (call,) = httpx.get(
        f"{bench.town.paypal.url}/sandbox/calls", params={"operation": "create_order"}
    ).json()[before:]
    assert '"payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED"' in call["body"].replace('":"', '": "')
