"""A basket becomes orders at once or not at all: units held, prices frozen, consents and jobs in one transaction."""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app.domain.offers.models import Offer, OfferState
from app.domain.orders.basket import open_basket
from app.domain.orders.consents import TEXT_VERSION, ConsentMissing
from app.domain.orders.details import Details
from app.domain.orders.hold import NotAvailable
from app.domain.orders.models import Basket, Order, OrderGroup, OrderState
from app.domain.orders.place_order import (
    BasketEmpty,
    PriceChanged,
    QuantityOutOfRange,
    ReadBack,
    place_order,
)
from app.domain.people.models import ProviderState
from tests.factories import (
    CONSENTS,
    NOW,
    make_basket,
    make_details,
    make_offer,
    make_order,
    make_orders,
    make_provider,
)
from tests.traces import books, jobs, mails, timed_jobs, trail


def place(
    session: Session,
    basket: Basket,
    prices: Mapping[UUID, tuple[int, str]] | None = None,
    *,
    details: Details | None = None,
    consents: Mapping[str, str] = CONSENTS,
) -> OrderGroup:
    """Place a basket at the prices that its offers have now, unless others were read back."""
    if prices is None:
        prices = {item.offer_id: (item.offer.price_minor, item.offer.currency) for item in basket.items}
    group = place_order(
        session,
        basket.id,
        details or make_details(),
        consents,
        ReadBack(dict(prices)),
        method="paypal",
        language="fr",
        now=NOW,
    )
    session.flush()
    return group


# Orders.


def test_there_is_an_order_for_each_provider_and_currency(session: Session):
    one, other = make_provider(session), make_provider(session)
    wanted = {
        make_offer(session, provider=one, price="10.00"): 1,
        make_offer(session, provider=other, price="20.00"): 2,
        make_offer(session, provider=one, price="30.00", currency="EUR"): 3,
        make_offer(session, provider=one, price="40.00"): 4,
    }
    group = place(session, make_basket(session, wanted))
    found = {
        (order.provider_id, str(order.total)): sorted(
            (line.position, line.quantity, line.unit_price_minor) for line in order.lines
        )
        for order in group.orders
    }
    of_one = [offer for offer in wanted if (offer.provider_id, offer.currency) == (one.id, "USD")]
    in_the_basket = sorted(of_one, key=lambda offer: offer.id)  # put in at the same moment
    assert found == {
        (one.id, "170.00 USD"): [
            (position, wanted[offer], offer.price_minor)
            for position, offer in enumerate(in_the_basket, start=1)
        ],
        (other.id, "40.00 USD"): [(1, 2, 2000)],
        (one.id, "90.00 EUR"): [(1, 3, 3000)],
    }
    for order in group.orders:
        assert order.provider_id == order.lines[0].offer.provider_id, "one provider is paid for its own units"


def test_what_the_buyer_said_is_frozen(session: Session):
    details = make_details(reason=None, certificate_language="es")
    (order,) = place(session, make_basket(session, {make_offer(session): 25}), details=details).orders
    kept = {name: getattr(order, name) for name in details.as_json()}
    assert kept == details.as_json()
    assert (order.method, order.language, order.state) == ("paypal", "fr", OrderState.AWAITING_PAYMENT)


def test_a_later_price_is_not_the_orders(session: Session):
    order = make_order(session, make_offer(session, price="11.20"), 25)
    order.lines[0].offer.price_minor = 9900
    session.flush()
    session.refresh(order)
    assert (str(order.total), str(order.lines[0].price)) == ("280.00 USD", "11.20 USD")


def test_units_are_held_for_an_hour(session: Session):
    offer = make_offer(session, quantity=100, held=3, cancelled=10)
    order = make_order(session, offer, 25)
    session.refresh(offer)
    assert (offer.held, offer.cancelled, offer.left) == (28, 10, 62)
    assert (order.placed_at, order.hold_until) == (NOW, NOW + timedelta(minutes=60))
    assert timed_jobs(session, "expire_order") == [({"order_id": str(order.id)}, order.hold_until)]


def test_every_order_has_its_mail_and_its_row_in_the_trail(session: Session):
    offers = {make_offer(session): 5, make_offer(session): 6}
    group = place(session, make_basket(session, offers))
    assert {mail.order_id for mail in mails(session, "order_placed")} == {order.id for order in group.orders}
    assert {mail.language for mail in mails(session, "order_placed")} == {"fr"}
    for order in group.orders:
        (row,) = trail(session, order.id)
        assert (row.actor, row.payload) == (
            "buyer",
            {
                "step": "place",
                "before": "draft",
                "after": "awaiting_payment",
                "total": str(order.total),
                "units": order.quantity,
            },
        )


def test_links_and_numbers_cannot_be_guessed_from_each_other(session: Session):
    details = [make_details(email=f"buyer-{number}@example.org") for number in range(20)]
    orders = [make_order(session, make_offer(session), 1, details=each) for each in details]
    tokens = {order.token for order in orders} | {order.group.token for order in orders}
    assert len(tokens) == 40
    assert min(map(len, tokens)) >= 32
    assert len({order.number for order in orders}) == 20
    assert all(re.fullmatch("VC-[3-9A-Y]{4}-[3-9A-Y]{4}", order.number) for order in orders)


def test_consents_are_kept_with_their_words_version_and_time(session: Session):
    group = place(session, make_basket(session, {make_offer(session): 25}))
    session.refresh(group)
    kept = {
        consent.kind: (consent.text_version, consent.language, consent.text_sha256, consent.given_at)
        for consent in group.consents
    }
    assert kept == {
        kind: (TEXT_VERSION, "fr", hashlib.sha256(words.encode()).hexdigest(), NOW)
        for kind, words in CONSENTS.items()
    }


# Once.


def test_a_second_call_finds_the_first_ones_orders(session: Session):
    basket = make_basket(session, {make_offer(session): 25})
    first = place(session, basket)
    before = books(session)
    assert place(session, basket, {}) is first
    assert books(session) == before


def test_a_placed_basket_is_not_filled_again(session: Session):
    basket = make_basket(session, {make_offer(session): 25})
    assert open_basket(session, basket.id, NOW) is basket
    place(session, basket)
    assert open_basket(session, basket.id, NOW) is not basket


def test_jobs_and_mails_are_gone_with_the_transaction(sessions: sessionmaker[Session]):
    with sessions.begin() as session:
        offer = make_offer(session)
        basket = make_basket(session, {offer: 25})
    with sessions() as session:
        place(session, session.get_one(Basket, basket.id))
        assert len(jobs(session, "expire_order")) == len(jobs(session, "send_mail")) == 1
        session.rollback()
    with sessions() as session:
        assert (
            jobs(session, "expire_order")
            == jobs(session, "send_mail")
            == mails(session, "order_placed")
            == []
        )
        assert session.execute(select(Order)).all() == []
        assert session.get_one(Offer, offer.id).held == 0
        assert session.get_one(Basket, basket.id).group_id is None
        place(session, session.get_one(Basket, basket.id))
        session.commit()
    with sessions() as session:
        assert len(jobs(session, "expire_order")) == len(jobs(session, "send_mail")) == 1


# Not at all.


def assert_nothing_placed(session: Session, basket: Basket) -> None:
    """Raising is enough for the caller to roll back; what was raised before the first change left nothing."""
    assert basket.group_id is None
    assert session.execute(select(Order)).all() == []


def test_an_empty_basket_is_not_placed(session: Session):
    basket = make_basket(session, {})
    with pytest.raises(BasketEmpty):
        place(session, basket)
    assert_nothing_placed(session, basket)


@pytest.mark.parametrize(
    "seen",
    [(1119, "USD"), (1121, "USD"), (1120, "EUR"), None],
    ids=["cheaper", "dearer", "currency", "unseen"],
)
def test_a_price_that_was_not_read_back_is_not_agreed(session: Session, seen: tuple[int, str] | None):
    offer = make_offer(session, price="11.20")
    basket = make_basket(session, {offer: 25})
    with pytest.raises(PriceChanged):
        place(session, basket, {offer.id: seen} if seen else {})
    assert_nothing_placed(session, basket)


@pytest.mark.parametrize("quantity", [4, 11])
def test_an_offers_limits_hold(session: Session, quantity: int):
    offer = make_offer(session, min_quantity=5, max_quantity=10)
    basket = make_basket(session, {offer: quantity})
    with pytest.raises(QuantityOutOfRange) as refused:
        place(session, basket)
    assert refused.value.offer is offer
    assert_nothing_placed(session, basket)


@pytest.mark.parametrize("quantity", [5, 10])
def test_an_offers_limits_can_be_ordered(session: Session, quantity: int):
    offer = make_offer(session, min_quantity=5, max_quantity=10)
    (order,) = place(session, make_basket(session, {offer: quantity})).orders
    assert order.quantity == quantity


def test_what_is_left_is_said_of_everything_that_falls_short(session: Session):
    enough, less, held, gone, off = (make_offer(session, quantity=quantity) for quantity in (10, 7, 8, 9, 10))
    held.held, gone.cancelled, off.state = 5, 9, OfferState.PAUSED
    basket = make_basket(session, dict.fromkeys((enough, less, held, gone, off), 8))
    session.flush()
    with pytest.raises(NotAvailable) as refused:
        place(session, basket)
    assert refused.value.left == {less.id: 7, held.id: 3, gone.id: 0, off.id: 0}
    assert_nothing_placed(session, basket)
    session.refresh(enough)
    assert enough.held == 0, "all or nothing"


def test_a_suspended_provider_sells_nothing_more(session: Session):
    offer = make_offer(session)
    basket = make_basket(session, {offer: 1})
    offer.provider.state = ProviderState.SUSPENDED
    with pytest.raises(NotAvailable) as refused:
        place(session, basket)
    assert refused.value.left == {offer.id: 0}


@pytest.mark.parametrize(
    "given", [{}, {"terms": "yes"}, {"immediate": "yes"}, CONSENTS | {"news": "yes"}], ids=str
)
def test_every_box_must_be_ticked(session: Session, given: dict[str, str]):
    with pytest.raises(ConsentMissing):
        place(session, make_basket(session, {make_offer(session): 1}), consents=given)


def test_the_database_itself_does_not_oversell(session: Session):
    offer = make_offer(session, quantity=10, held=6, cancelled=4)
    with pytest.raises(Exception, match="ck_offer_stock"), session.begin_nested():
        session.execute(text("UPDATE offer SET held = 7 WHERE id = :id"), {"id": offer.id})


def test_orders_of_two_baskets_share_nothing(session: Session):
    offer = make_offer(session)
    one, other = (make_orders(session, {offer: 10}) for _ in range(2))
    assert {order.id for order in one.orders}.isdisjoint(order.id for order in other.orders)
    session.refresh(offer)
    assert offer.held == 20
