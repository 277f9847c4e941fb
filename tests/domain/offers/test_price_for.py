"""What more units cost: the same in Python, in SQL, in the basket and in the order, and never other than was read back."""

from itertools import accumulate

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.offers.models import Offer, OfferTier
from app.domain.offers.price_for import price_at, price_for
from app.domain.orders.basket_queries import read_basket
from app.domain.orders.models import Order
from app.domain.orders.place_order import PriceChanged, ReadBack, place_order
from app.domain.orders.substitutes import eligible_offers
from app.money import Money
from tests.factories import CONSENTS, NOW, make_basket, make_details, make_offer, make_order


@st.composite
def tiers(draw: st.DrawFn) -> list[tuple[int, int]]:
    """From how many units on, and at what price: quantities rise, prices fall, the first line is for one unit."""
    places = draw(st.integers(0, 5))
    gaps = draw(st.lists(st.integers(1, 40), min_size=places, max_size=places))
    falls = draw(st.lists(st.integers(1, 300), min_size=places, max_size=places))
    last = draw(st.integers(1, 500))
    return list(
        zip(accumulate([1, *gaps]), reversed(list(accumulate([last, *reversed(falls)]))), strict=True)
    )


@given(tiers(), st.integers(1, 250))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_order_costs_its_quantity_at_the_price_that_was_read_back(
    session: Session, steps: list[tuple[int, int]], quantity: int
):
    offer = make_offer(session, quantity=500, currency="EUR")
    offer.price_minor = steps[0][1]
    offer.tiers = [OfferTier(from_quantity=units, price_minor=price) for units, price in steps[1:]]
    session.flush()
    expected = [price for units, price in steps if units <= quantity][-1]
    assert price_for(offer, quantity) == Money(expected, "EUR")
    assert session.scalar(select(price_at(quantity)).where(Offer.id == offer.id)) == expected
    basket = make_basket(session, {offer: quantity})
    [line] = read_basket(session, basket.id, NOW).lines
    assert line.total == Money(quantity * expected, "EUR")
    read = ReadBack({offer.id: (line.price.minor, line.price.currency)})
    order = _place(session, basket.id, read)
    assert (order.total, order.lines[0].price) == (line.total, line.price)


def test_who_has_read_back_the_price_of_one_reads_again(session: Session):
    offer = make_offer(session, price="11.20", tiers={10: "10.00"})
    basket = make_basket(session, {offer: 10})
    with pytest.raises(PriceChanged):
        _place(session, basket.id, ReadBack({offer.id: (1120, "USD")}))


def test_a_step_that_changed_after_the_reading_is_read_again(session: Session):
    offer = make_offer(session, price="11.20", tiers={10: "10.00"})
    basket = make_basket(session, {offer: 10})
    [line] = read_basket(session, basket.id, NOW).lines
    read = ReadBack({offer.id: (line.price.minor, line.price.currency)})
    offer.tiers[0].price_minor = 990
    session.flush()
    with pytest.raises(PriceChanged):
        _place(session, basket.id, read)


def test_other_units_are_compared_at_their_price_for_so_many(session: Session):
    dear = make_offer(session, price="11.20")
    order = make_order(session, dear, 25)
    cheap_for_many = make_offer(session, provider=dear.provider, price="12.00", tiers={25: "11.00"})
    make_offer(session, provider=dear.provider, price="12.00", tiers={26: "11.00"})
    assert list(eligible_offers(session, order.lines[0], NOW)) == [cheap_for_many]


def _place(session: Session, basket_id, read: ReadBack) -> Order:
    group = place_order(
        session,
        basket_id,
        make_details(email=f"{basket_id}@example.org"),
        CONSENTS,
        read,
        method="paypal",
        language="en",
        now=NOW,
    )
    session.flush()
    [order] = group.orders
    return order
