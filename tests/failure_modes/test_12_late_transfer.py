"""The bank hold is over, and then the money comes."""

from datetime import timedelta

import pytest

from app.domain.offers.models import Offer, OfferState
from app.domain.orders.models import Order, OrderState
from tests.failure_modes.bench import Bench


@pytest.fixture
def late(bench: Bench) -> Order:
    """An order whose transfer did not come in time."""
    order = bench.place("bank", bench.offer("bank", "EUR"))
    bench.start(order)
    bench.clock = bench.transfer(order).release_at - timedelta(seconds=1)
    bench.run()
    assert bench.order(order).state == OrderState.AWAITING_PAYMENT
    bench.wait(seconds=1)
    bench.run()
    expired = bench.order(order)
    assert (expired.state, expired.lines[0].offer.held) == (OrderState.EXPIRED, 0)
    bench.wait(days=4)
    return order


def change_offer(bench: Bench, order: Order, **values: object) -> None:
    with bench.works.sessions.begin() as session:
        for name, value in values.items():
            setattr(session.get_one(Offer, bench.order(order).lines[0].offer_id), name, value)


def test_failure_mode_12_late_money_is_taken_at_the_frozen_price(bench: Bench, late: Order) -> None:
    change_offer(bench, late, price_minor=late.total_minor)
    assert dict(bench.bring(late, bench.movement(late))) == {"late": 1}
    bench.run()
    accepted = bench.order(late)
    assert (accepted.state, accepted.total_minor) == (OrderState.COMPLETED, late.total_minor)
    assert "order.step:late_accept" in bench.trail(late.id)
    assert bench.money(late) == [("receipt", late.total_minor)]


@pytest.mark.parametrize("gone", ["sold", "withdrawn"])
def test_failure_mode_12_late_money_goes_back_when_the_units_are_gone(
    bench: Bench, late: Order, gone: str
) -> None:
    offer = bench.order(late).lines[0].offer
    if gone == "sold":
        change_offer(bench, late, held=offer.quantity)
    else:
        change_offer(bench, late, state=OfferState.WITHDRAWN)
    assert dict(bench.bring(late, bench.movement(late))) == {"late": 1}
    bench.run()
    refused = bench.order(late)
    assert refused.state == OrderState.REFUND_DUE
    assert "order.step:late_refuse" in bench.trail(late.id)
    assert "refund_due" in bench.mails(late)
    # The provider sends it back with the reference, and the next statement shows that.
    back = bench.movement(late, minor=-late.total_minor, bank_reference="BACK")
    assert dict(bench.bring(late, back)) == {"refund": 1}
    assert bench.order(late).state == OrderState.REFUNDED
    assert bench.money(late) == [("receipt", late.total_minor), ("refund", late.total_minor)]


def test_failure_mode_12_a_part_of_it_does_not_bring_the_order_back(bench: Bench, late: Order) -> None:
    assert dict(bench.bring(late, bench.movement(late, minor=late.total_minor - 1))) == {"late": 1}
    bench.run()
    assert bench.order(late).state == OrderState.REFUND_DUE
