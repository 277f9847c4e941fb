"""So many orders of one buyer may wait for their payment, and no more."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from app.domain.orders.buyer import Buyer
from app.domain.orders.models import Order, OrderState
from app.domain.orders.unpaid_orders import TooManyUnpaid
from tests.domain.people.samples import make_buyer
from tests.factories import make_details, make_offer, make_order, make_orders, make_provider, set_setting

MOST_UNPAID = 5  # as long as no administrator has said otherwise


def as_guest(session: Session) -> Callable[..., Order]:
    return lambda offer: make_order(session, offer, 1, details=make_details(email="Ana@Example.org"))


def test_administrators_say_how_many(session: Session):
    set_setting(session, "unpaid_orders", 1)
    buy, offer = as_guest(session), make_offer(session)
    buy(offer)
    with pytest.raises(TooManyUnpaid) as refused:
        buy(offer)
    assert refused.value.most == 1


def as_person(session: Session) -> Callable[..., Order]:
    buyer = Buyer(make_buyer(session, "ana@example.org").id)
    return lambda offer: make_order(session, offer, 1, buyer=buyer)


@pytest.mark.parametrize("who", [as_guest, as_person])
def test_the_next_one_waits_until_another_is_paid_or_given_up(session: Session, who):
    buy, offer = who(session), make_offer(session)
    orders = [buy(offer) for _ in range(MOST_UNPAID)]
    with pytest.raises(TooManyUnpaid) as refused:
        buy(offer)
    assert refused.value.most == MOST_UNPAID
    make_order(session, offer, 1, details=make_details(email="otto@example.org"))
    orders[0].state = OrderState.WITHDRAWN
    session.flush()
    buy(offer)


def test_an_address_of_somebody_with_an_account_is_not_used_up_by_guests(session: Session):
    buy, offer = as_guest(session), make_offer(session)
    for _ in range(MOST_UNPAID):
        buy(offer)
    as_person(session)(offer)


def test_letter_case_makes_nobody_else(session: Session):
    offer = make_offer(session)
    for name in ("ana", "Ana", "ANA", "aNa", "anA"):
        make_order(session, offer, 1, details=make_details(email=f"{name}@example.org"))
    with pytest.raises(TooManyUnpaid):
        make_order(session, offer, 1, details=make_details(email="ana@example.org"))


def test_each_seller_of_a_basket_counts_and_one_large_basket_is_let_through(session: Session):
    offers = [make_offer(session, provider=make_provider(session)) for _ in range(MOST_UNPAID + 1)]
    assert len(make_orders(session, dict.fromkeys(offers, 1)).orders) == MOST_UNPAID + 1
    other = make_details(email="otto@example.org")
    make_orders(session, dict.fromkeys(offers[:4], 1), details=other)
    with pytest.raises(TooManyUnpaid):
        make_orders(session, dict.fromkeys(offers[:2], 1), details=other)
