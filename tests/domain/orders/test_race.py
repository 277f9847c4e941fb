"""Fifty buyers, ten tonnes."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.domain.offers.models import Offer
from app.domain.orders.hold import NotAvailable
from app.domain.orders.place_order import ReadBack, place_order
from tests.factories import CONSENTS, NOW, make_basket, make_details, make_offer

BUYERS, TONNES = 50, 10


def test_the_last_ten_tonnes_are_sold_to_exactly_ten_of_fifty_buyers(engine: Engine) -> None:
    sessions = sessionmaker(engine, expire_on_commit=False)
    with sessions.begin() as session:
        offer = make_offer(session, quantity=TONNES)
        baskets = [make_basket(session, {offer: 1}).id for _ in range(BUYERS)]
        price = (offer.price_minor, offer.currency)
    start = Barrier(BUYERS)

    def buy(basket_id) -> int | None:
        """None for a buyer who got the tonne, else what was left when it was refused."""
        # The pool has fewer connections than there are buyers: they meet first, then all ask at once.
        start.wait()
        try:
            with sessions.begin() as session:
                _place(session, basket_id)
        except NotAvailable as refused:
            return refused.left[offer.id]
        return None

    def _place(session: Session, basket_id) -> None:
        place_order(
            session,
            basket_id,
            make_details(email=f"{basket_id}@example.org"),
            CONSENTS,
            ReadBack({offer.id: price}),
            method="paypal",
            language="en",
            now=NOW,
        )

    with ThreadPoolExecutor(BUYERS) as threads:
        results = list(threads.map(buy, baskets))
    assert results.count(None) == TONNES
    assert [left for left in results if left is not None] == [0] * (BUYERS - TONNES)
    with sessions() as session:
        assert session.get_one(Offer, offer.id).held == TONNES
