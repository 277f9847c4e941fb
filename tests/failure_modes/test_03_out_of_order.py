"""Notifications that arrive last first, or before our own row."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.domain.orders.models import OrderState
from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.open_payment import open_payment
from app.domain.payments.queries import given_up_notifications
from app.domain.payments.record_checkout import record_checkout
from tests.failure_modes.bench import Bench

EVENTS = {
    "paypal": ("CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED"),
    "stripe": ("checkout.session.completed", "payment_intent.succeeded"),
}


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_03_the_last_comes_first(bench: Bench, method: str) -> None:
    order = bench.place(method)
    payment = bench.start(order)
    bench.listen(payment)
    bench.town.approve(payment)
    first = bench.letter(payment, EVENTS[method][0])
    bench.look(payment)  # the buyer came back: captured, which is told, too
    last = bench.letter(payment, EVENTS[method][1])
    assert [bench.deliver(each, payment) for each in (last, first)] == [200, 200]
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.money(order) == [("receipt", order.total_minor)]


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_03_one_before_our_row_is_kept_and_found_again(bench: Bench, method: str) -> None:
    order = bench.place(method)
    gateway = bench.works.neighbours.gateways[method]
    with bench.works.sessions() as session:
        # The checkout is open at the gateway, and our commit hangs.
        payment = open_payment(session, order.id, bench.clock)
        session.flush()
        bench.listen(payment)
        account = account_of(payment.account, bench.works.sealer)
        attempt = attempt_of(payment, bench.works.settings.public_url)
        step = gateway.start(attempt, account, key=f"{payment.id}:create")
        payment = record_checkout(session, payment.id, step, bench.clock)
        bench.town.approve(payment)
        letter = bench.letter(payment, EVENTS[method][0])
        assert bench.deliver(letter, payment) == 200
        bench.sweep()
        assert [row.outcome for row in bench.notifications()] == ["unmatched"]
        session.commit()
    bench.sweep()
    assert [row.outcome for row in bench.notifications()] == ["looked"]
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.money(order) == [("receipt", order.total_minor)]


def test_failure_mode_03_one_that_stays_unknown_is_for_people_after_a_day(bench: Bench) -> None:
    payment = bench.start(bench.place("paypal"))
    bench.listen(payment)
    with bench.works.sessions() as session:
        payment = session.merge(payment)
        account = account_of(payment.account, bench.works.sealer)
        ours = attempt_of(payment, bench.works.settings.public_url)
    # The same seller's other shop.
    foreign = replace(ours, id=str(uuid4()), external_id=None)
    step = bench.works.neighbours.gateways["paypal"].start(foreign, account, key=foreign.id)
    payment.external_id = step.external_id
    bench.town.approve(payment)
    assert bench.deliver(bench.letter(payment, "CHECKOUT.ORDER.APPROVED"), payment) == 200
    bench.wait(hours=24)
    bench.sweep()
    assert [row.outcome for row in bench.notifications()] == ["unmatched"]
    bench.wait(minutes=1)
    bench.sweep()
    with bench.session() as session:
        ((row, provider),) = given_up_notifications(session)
        assert (row.outcome, provider.id) == ("given_up", bench.offer("paypal").provider_id)
        assert step.external_id in row.subjects
