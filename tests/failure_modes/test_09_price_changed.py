"""A price changes, or an offer is paused, while somebody is buying."""

import pytest

from app.domain.offers.models import Offer, OfferState
from app.domain.orders.models import OrderState
from app.domain.orders.place_order import PriceChanged, ReadBack, place_order
from tests.factories import CONSENTS, make_basket, make_details
from tests.failure_modes.bench import Bench


def change(bench: Bench, offer: Offer, **fields: object) -> None:
    with bench.works.sessions.begin() as session:
        kept = session.get_one(Offer, offer.id)
        for name, value in fields.items():
            setattr(kept, name, value)


@pytest.mark.parametrize("method", ["stripe", "bank"])
def test_failure_mode_09_a_placed_order_keeps_its_price_though_the_offer_is_dearer_and_paused(
    bench: Bench, method: str
) -> None:
    offer = bench.offer(method, "EUR" if method == "bank" else None)
    order = bench.place(method, offer)
    total = order.total
    change(bench, offer, price_minor=offer.price_minor * 2, state=OfferState.PAUSED)
    payment = bench.start(order)
    assert payment.amount == total
    if method == "bank":
        bench.bring(order, bench.movement(order))
        bench.run()
    else:
        bench.town.approve(payment, "no_webhook")
        bench.settle(payment)
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.money(order) == [("receipt", total.minor)]


def test_failure_mode_09_what_was_read_at_another_price_is_not_placed(bench: Bench) -> None:
    offer = bench.offer("paypal")
    read, details = ReadBack({offer.id: (offer.price_minor, offer.currency)}), make_details()
    change(bench, offer, price_minor=offer.price_minor + 1)
    with bench.works.sessions() as session:
        now = session.get_one(Offer, offer.id)
        held = now.held
        basket = make_basket(session, {now: 1}, details=details, now=bench.clock)
        with pytest.raises(PriceChanged):
            place_order(
                session,
                basket.id,
                details,
                CONSENTS,
                read,
                method="paypal",
                language="en",
                now=bench.clock,
            )
        session.rollback()
        assert session.get_one(Offer, offer.id).held == held
