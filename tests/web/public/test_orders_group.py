"""The checklist of a basket with several sellers."""

import pytest

from app.domain.orders.models import Order
from tests.journey import PROVIDER, Journey
from tests.web.pages import Client, Page, words

HTMX = {"HX-Request": "true"}


@pytest.fixture
def orders(journey: Journey) -> list[Order]:
    first = journey.place(20, 5, 1, providers=3)
    with journey.sessions() as session:
        found = session.get_one(Order, first.id).group.orders
        for each in found:
            _ = each.provider, each.group
        return list(found)


def page_of(client: Client, orders: list[Order]) -> Page:
    return client.get(f"/en/order-groups/{orders[0].group.token}")


def test_each_order_is_paid_on_its_own(client: Client, journey: Journey, orders: list[Order]):
    page = page_of(client, orders)
    assert page.h1 == "0 of 3 paid"
    cards = {words(card.h2): card for card in page.all(".checklist > li")}
    assert set(cards) == {order.provider.legal_name for order in orders}
    assert PROVIDER in cards
    for order in orders:
        card = cards[order.provider.legal_name]
        assert order.number in words(card)
        assert words(card.select_one(".chip")) == "Waiting for payment"
        assert card.select_one(f"a.button[href='/en/orders/{order.token}/pay']")
    assert {words(card.select_one(".sum")) for card in cards.values()} == {
        "US$224.00",
        "US$56.00",
        "US$11.20",
    }


def test_the_checklist_counts_what_is_paid(client: Client, journey: Journey, orders: list[Order]):
    page = page_of(client, orders)
    address = str(page.one("#orders")["hx-get"])
    assert client.get(address, status=204, headers=HTMX).response.data == b""
    journey.pay(orders[0])
    part = client.get(address, headers=HTMX)
    assert not part.whole
    assert part.h1 == "1 of 3 paid"
    assert words(part.one("[hx-swap-oob]")) == "1 of 3 paid"
    assert part.all(f"a[href='/en/orders/{orders[0].token}/pay']") == []
    journey.cancel(orders[0])
    assert {words(chip) for chip in page_of(client, orders).all(".chip")} == {
        "Units cancelled",
        "Waiting for payment",
    }


def test_it_stops_asking_when_all_have_ended(client: Client, journey: Journey, orders: list[Order]):
    for order in orders[:2]:
        journey.complete(order)
    assert page_of(client, orders).one("#orders")["hx-trigger"] == "every 2s"
    journey.expire(orders[2])
    page = page_of(client, orders)
    assert page.h1 == "2 of 3 paid"
    assert page.all("[hx-get]") == []


def test_the_address_stays_with_its_reader(client: Client, orders: list[Order]):
    headers = page_of(client, orders).response.headers
    assert headers["Cache-Control"] == "private, no-store"
    assert "noindex" in headers["X-Robots-Tag"]
