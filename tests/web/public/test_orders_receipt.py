"""A receipt that comes while an order's page is being read."""

from sqlalchemy import select

from app.domain.cancellations.models import Cancellation, CancelledRange
from tests.journey import Journey
from tests.web.pages import Client


def test_serial_numbers_that_are_seen_before_their_time_wait_for_it(client: Client, journey: Journey) -> None:
    order = journey.place(20)
    journey.pay(order)
    with journey.sessions.begin() as session:
        [cancellation] = session.scalars(select(Cancellation))
        assert cancellation.completed_at is None
        session.add(
            CancelledRange(
                cancellation_id=cancellation.id, prefix="MW", start=1, end=20, count=20, printed="MW-1-20"
            )
        )
    page = client.get(f"/en/orders/{order.token}")
    assert "The registry is being asked" in page.text
    assert "MW-1-20" not in page.text
