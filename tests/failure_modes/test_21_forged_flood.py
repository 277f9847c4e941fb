"""A flood of forged notifications for one account."""

from collections import Counter
from collections.abc import Iterator

import pytest

from app.domain.later import waited_for
from app.extensions import limiter
from tests.failure_modes.bench import Bench

MOST = 600  # a minute and account


@pytest.fixture(autouse=True)
def a_fresh_minute() -> Iterator[None]:
    limiter.reset()
    yield
    limiter.reset()


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_21_a_forged_flood_causes_nothing_and_hurts_nobody_else(
    bench: Bench, method: str
) -> None:
    payments = [bench.start(bench.place(method, offer)) for offer in two_sellers(bench, method)]
    for payment in payments:
        bench.listen(payment)
        bench.town.approve(payment)
    flooded, other = payments
    letters = (
        [bench.letter(payment) for payment in payments]
        if method == "stripe"
        else [bench.letter(payment, "CHECKOUT.ORDER.APPROVED") for payment in payments]
    )
    fetch = {"paypal": "get_order", "stripe": "get_session"}[method]
    before = bench.calls(method, fetch)
    forged = letters[0].content.replace(b"{", b"{ ", 1)
    answers = Counter(bench.deliver(letters[0], flooded, content=forged) for _ in range(MOST + 20))
    assert answers == {400: MOST, 429: 20}
    assert bench.notifications() == []
    with bench.session() as session:
        assert waited_for(session, "look_at_payment") == frozenset()
    assert bench.calls(method, fetch) == before, "nobody is asked about what was never signed"
    assert bench.deliver(letters[1], other) == 200
    assert bench.deliver(letters[0], flooded) == 429, "the gateway sends it again later"
    limiter.reset()  # a minute later
    assert bench.deliver(letters[0], flooded) == 200
    assert [row.outcome for row in bench.notifications()] == ["looked", "looked"]


def two_sellers(bench: Bench, method: str) -> list:
    return [bench.offer(method, currency) for currency in ("GBP", "JPY")]
