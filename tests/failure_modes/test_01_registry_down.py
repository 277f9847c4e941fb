"""The registry is down when a buyer pays: who can still be spared is not charged, who has paid loses nothing."""

import pytest

from app.domain.cancellations.queries import cancellations_of
from app.domain.orders.models import OrderState
from app.domain.payments.models import PaymentState
from tests.failure_modes.bench import Bench
from tests.straight_line.test_cards import at_stripe

AWAY = 10_000  # calls


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_01_approved_and_the_registry_is_down_nobody_is_charged(
    bench: Bench, method: str
) -> None:
    order, payment = bench.buy(method)
    bench.town.fault("getMandate", "unavailable", times=AWAY)
    bench.hear(payment)
    bench.run()
    assert bench.payment(payment).state == PaymentState.AUTHORIZED
    bench.wait(hours=1, minutes=58)  # long beyond the end of the hold
    bench.sweep()
    assert bench.order(order).state == OrderState.AWAITING_PAYMENT, "an approval keeps its units"
    bench.wait(minutes=5)
    bench.sweep()
    ended = bench.order(order)
    assert (ended.state, ended.state_reason) == (OrderState.WITHDRAWN, "registry_away")
    assert (bench.money(order), bench.town.captures(payment.id)) == ([], [])
    if method == "stripe":  # PayPal gives an approval back by itself, and has no call for it
        assert at_stripe(bench.town, payment) == ("complete", "given back")
    assert "not_charged" in bench.mails(order)
    assert ended.lines[0].offer.held == 0


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_01_the_registry_comes_back_in_time(bench: Bench, method: str) -> None:
    order, payment = bench.buy(method)
    bench.town.fault("getMandate", "unavailable", times=AWAY)
    bench.hear(payment)
    bench.run()
    bench.wait(hours=1)
    bench.town.clear_faults()
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.money(order) == [("receipt", order.total_minor)]


def test_failure_mode_01_a_transfer_came_and_the_registry_is_down(bench: Bench) -> None:
    bench.wait(hours=-3)
    order = bench.place("bank")
    bench.start(order)
    bench.town.fault("requestCancellation", "unavailable", times=AWAY)
    assert dict(bench.bring(order, bench.movement(order))) == {"exact": 1}
    bench.run()
    bench.wait(minutes=59)
    bench.sweep()
    assert bench.order(order).state == OrderState.CANCELLING
    assert "cancellation_waits" not in bench.mails(order)
    bench.wait(minutes=1)
    bench.sweep()
    bench.sweep()
    assert bench.mails(order).count("cancellation_waits") == 1, "told after an hour, once"
    page = bench.app.test_client().get(f"/en/orders/{order.token}").text
    assert "has your payment" in page
    assert "The registry has not answered yet" in page
    assert "certificate" not in bench.mails(order), "never before the registry has confirmed"
    bench.town.clear_faults()
    bench.wait(minutes=15)
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.mails(order)[-1] == "certificate"
    with bench.session() as session:
        (cancellation,) = cancellations_of(session, order.id)
    held = bench.town.ledger(cancellation.mandate_id)["cancellations"]
    assert [each["status"] for each in held if each["client_reference"] == str(cancellation.id)] == [
        "completed"
    ]
