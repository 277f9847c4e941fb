"""The webhook never comes, and the buyer never comes back either."""

from datetime import timedelta

import pytest

from app.domain.orders.models import OrderState
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.queries import payments_to_ask_about
from tests.failure_modes.bench import Bench

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_04_the_sweeper_takes_the_money_within_minutes(bench: Bench, method: str) -> None:
    order, payment = bench.buy(method)
    bench.run()
    assert bench.payment(payment).state == PaymentState.STARTED, "nobody has told us"
    bench.wait(minutes=2)
    bench.sweep()
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.money(order) == [("receipt", order.total_minor)]


def test_failure_mode_04_the_gateway_is_asked_by_the_clock(bench: Bench) -> None:
    order = bench.place("stripe")
    payment = bench.start(order)
    made, asked = bench.clock, []
    while bench.clock < made + 15 * DAY:
        with bench.works.sessions.begin() as session:
            if payment.id in payments_to_ask_about(session, bench.clock):
                asked.append(bench.clock - made)
                session.get_one(Payment, payment.id).looked_at = bench.clock
        bench.clock += MINUTE if bench.clock < made + HOUR else HOUR
    hourly_until = order.hold_until - made + 3 * DAY
    hours = [n * HOUR for n in range(1, 100) if n * HOUR < hourly_until]
    days = [hours[-1] + n * DAY for n in range(1, 15) if hours[-1] + n * DAY < 14 * DAY]
    assert asked == [2 * MINUTE, 5 * MINUTE, 15 * MINUTE, *hours, *days]


def test_failure_mode_04_paid_at_the_last_moment_is_not_given_up(bench: Bench) -> None:
    order = bench.place("paypal")
    payment = bench.start(order)
    bench.wait(minutes=20)
    bench.sweep()
    bench.town.approve(payment, "no_webhook")
    bench.clock = order.hold_until + timedelta(seconds=1)
    bench.run()  # what ends the hold asks the gateway first
    assert bench.order(order).state == OrderState.COMPLETED
