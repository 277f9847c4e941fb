"""Notifications that come again and again."""

import pytest

from app.domain.orders.models import OrderState
from tests.failure_modes.bench import Bench

FIRST = {"paypal": "CHECKOUT.ORDER.APPROVED", "stripe": "checkout.session.completed"}


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_02_duplicate_webhooks_count_once(bench: Bench, method: str) -> None:
    order = bench.place(method)
    payment = bench.start(order)
    bench.listen(payment)
    bench.town.approve(payment)
    letter = bench.letter(payment, FIRST[method])
    assert [bench.deliver(letter, payment) for _ in range(3)] == [200] * 3
    bench.run()
    assert bench.deliver(letter, payment) == 200  # long after everything
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.money(order) == [("receipt", order.total_minor)]
    assert len(bench.town.captures(payment.id)) == 1
    assert len(bench.notifications()) == 1
    assert bench.mails(order).count("certificate") == 1
