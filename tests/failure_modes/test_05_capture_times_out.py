"""The call that takes the money is never answered, having happened or not."""

from datetime import timedelta

import httpx
import pytest

from app.domain.orders.models import OrderState
from app.domain.payments.facts import account_of, attempt_of
from app.integrations.errors import NeighbourError, OutcomeUnknown
from app.integrations.gateways.interface import PayState
from tests.failure_modes.bench import Bench

OPERATION = {"paypal": "capture_order", "stripe": "capture"}


def lose_the_answer(bench: Bench, method: str, kind: str) -> None:
    fault = bench.town.paypal_fault if method == "paypal" else bench.town.stripe_fault
    fault(OPERATION[method], kind, seconds=0)


def keys(bench: Bench, method: str, since: int) -> list[str]:
    """The idempotency keys of the captures that the gateway was asked for."""
    url = {"paypal": bench.town.paypal, "stripe": bench.town.stripe}[method].url
    calls = httpx.get(f"{url}/sandbox/calls", params={"operation": OPERATION[method]}).json()[since:]
    name = {"paypal": "paypal-request-id", "stripe": "idempotency-key"}[method]
    return [{key.lower(): value for key, value in call["headers"].items()}[name] for call in calls]


@pytest.mark.parametrize(("method", "kind"), [("paypal", "timeout_after"), ("stripe", "timeout_before")])
def test_failure_mode_05_asked_again_it_is_the_same_capture(bench: Bench, method: str, kind: str) -> None:
    order, payment = bench.buy(method)
    before = bench.calls(method, OPERATION[method])
    lose_the_answer(bench, method, kind)
    with pytest.raises(OutcomeUnknown):
        bench.look(payment)
    assert bench.order(order).state == OrderState.AWAITING_PAYMENT
    bench.settle(payment)
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.money(order) == [("receipt", order.total_minor)]
    assert len(bench.town.captures(payment.id)) == 1
    assert set(keys(bench, method, before)) == {f"{payment.id}:capture"}


@pytest.mark.parametrize(("method", "forgets_after"), [("paypal", 7), ("stripe", 25)])
def test_failure_mode_05_once_the_key_is_forgotten_we_look_first(
    bench: Bench, method: str, forgets_after: int
) -> None:
    order, payment = bench.buy(method)
    lose_the_answer(bench, method, "timeout_after")
    with pytest.raises(OutcomeUnknown):
        bench.look(payment)
    asked = bench.calls(method, OPERATION[method])
    with bench.later_there(method, timedelta(hours=forgets_after)):
        bench.wait(hours=forgets_after)
        bench.look(payment)
    bench.run()
    assert bench.calls(method, OPERATION[method]) == asked, "what is taken is not asked for again"
    assert bench.money(order) == [("receipt", order.total_minor)]
    assert bench.order(order).state == OrderState.COMPLETED


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_05_taken_already_is_a_success(bench: Bench, method: str) -> None:
    _, payment = bench.buy(method)
    bench.look(payment)
    with bench.session() as session:
        payment = session.merge(payment)
        attempt = attempt_of(payment, bench.works.settings.public_url)
        account = account_of(payment.account, bench.works.sealer)
    taken = bench.works.neighbours.gateways[method].capture(attempt, account, key=f"{payment.id}:another")
    assert taken.state is PayState.CAPTURED
    assert [entry.amount for entry in taken.entries] == [payment.amount]


def test_failure_mode_05_an_order_whose_capture_is_open_neither_expires_nor_is_withdrawn(
    bench: Bench,
) -> None:
    order, payment = bench.buy("paypal")
    lose_the_answer(bench, "paypal", "timeout_after")
    with pytest.raises(NeighbourError):
        bench.look(payment)
    bench.wait(hours=1)
    bench.sweep()
    assert bench.order(order).state == OrderState.COMPLETED
