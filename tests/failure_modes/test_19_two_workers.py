"""Two workers take the money of one payment at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from app.domain.orders.models import OrderState
from app.integrations.errors import NeighbourError
from app.shells.look_at_payment import look_at_payment
from tests.failure_modes.bench import Bench

WORKERS = 4


class Meeting:
    """The real client, whose captures wait for each other before they go out."""

    def __init__(self, inner: Any) -> None:
        self._inner, self._barrier, self.keys = inner, threading.Barrier(WORKERS), []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def capture(self, *arguments: Any, key: str) -> Any:
        self.keys.append(key)
        self._barrier.wait(timeout=60)
        return self._inner.capture(*arguments, key=key)


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_19_two_workers_take_the_money_once(bench: Bench, method: str) -> None:
    order, payment = bench.buy(method)
    meeting = Meeting(bench.works.neighbours.gateways[method])
    outside = replace(bench.works.neighbours, gateways={method: meeting})
    works = replace(bench.works, neighbours=outside)

    def work(_: int) -> None:
        with suppress(NeighbourError):  # the gateway may refuse the second one of two: it is looked at again
            look_at_payment(works, payment.id)

    with ThreadPoolExecutor(WORKERS) as threads:
        list(threads.map(work, range(WORKERS)))
    assert meeting.keys == [f"{payment.id}:capture"] * WORKERS
    bench.settle(payment)
    assert bench.order(order).state == OrderState.COMPLETED
    assert len(bench.town.captures(payment.id)) == 1
    assert bench.money(order) == [("receipt", order.total_minor)]
    assert [each for each in bench.trail(order.id) if each == "order.step:pay"] == ["order.step:pay"]
    assert bench.mails(order).count("certificate") == 1
