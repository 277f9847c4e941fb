"""The provider wins a dispute: what hung on it is as if it had never been."""

import httpx

from app.domain.orders.models import Order, OrderState
from app.domain.payments.disputes import disputed_amount, disputed_orders
from tests.failure_modes.bench import Bench
from tests.failure_modes.test_07_chargeback import dispute, let_wait


def win(bench: Bench, dispute_id: str) -> None:
    """Stripe closes it in the provider's favour."""
    address = f"{bench.town.stripe.url}/sandbox/disputes/{dispute_id}/close"
    httpx.post(address, json={"status": "won"}).raise_for_status()


def test_failure_mode_23_a_dispute_that_is_won_is_none_any_more(bench: Bench) -> None:
    order, payment = bench.buy("stripe")
    bench.settle(payment)
    opened = dispute(bench, payment)
    bench.settle(payment)
    with bench.session() as session:
        assert order.id in disputed_orders(session, 100)
    win(bench, opened)
    bench.settle(payment)
    bench.settle(payment)
    assert bench.money(order) == [
        ("chargeback", order.total_minor),
        ("chargeback_won", order.total_minor),
        ("receipt", order.total_minor),
    ]
    with bench.session() as session:
        assert disputed_amount(session, session.get_one(Order, order.id)) == 0
        assert order.id not in disputed_orders(session, 100)
    assert bench.order(order).state == OrderState.COMPLETED


def test_failure_mode_23_an_order_that_was_lost_to_it_comes_back(bench: Bench) -> None:
    order = bench.place("stripe")
    let_wait(bench, order)
    payment = bench.start(order)
    bench.town.approve(payment, "no_webhook")
    bench.settle(payment)
    opened = dispute(bench, payment)
    bench.settle(payment)
    assert bench.order(order).state == OrderState.WITHDRAWN
    win(bench, opened)
    bench.settle(payment)
    assert bench.order(order).state == OrderState.PAID
    bench.wait(hours=25)
    bench.sweep()
    assert bench.order(order).state == OrderState.COMPLETED
