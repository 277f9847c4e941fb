"""A flood of forged notifications for one account."""

from collections import Counter
from collections.abc import Iterator

import pytest

from app.domain.later import waited_for
from app.extensions import limiter
from tests.failure_modes.bench import Bench

MOST = 600  # a minute and account


@pytest.fixture(autouse=True)
def a_fresh_minute(bench: Bench) -> Iterator[None]:
    assert bench.app  # the limiter has nothing to forget before there is an application
    limiter.reset()
    yield
    limiter.reset()


def test_failure_mode_21_a_forged_flood_causes_nothing_and_hurts_nobody_else(bench: Bench) -> None:
    sellers = [bench.offer("paypal", currency) for currency in ("GBP", "JPY")]
    payments = [bench.start(bench.place("paypal", offer)) for offer in sellers]
    for payment in payments:
        bench.listen(payment)
        bench.town.approve(payment)
    flooded, other = payments
    letters = [bench.letter(payment, "CHECKOUT.ORDER.APPROVED") for payment in payments]
    before = bench.calls("paypal", "get_order")
    forged = letters[0].content.replace(b"{", b"{ ", 1)
    answers = Counter(bench.deliver(letters[0], flooded, content=forged) for _ in range(MOST + 20))
    assert answers == {400: MOST, 429: 20}
    assert bench.notifications() == []
    with bench.session() as session:
        assert waited_for(session, "look_at_payment") == frozenset()
    assert bench.calls("paypal", "get_order") == before, "nobody is asked about what was never signed"
    assert bench.deliver(letters[1], other) == 200
    assert bench.deliver(letters[0], flooded) == 429, "the gateway sends it again later"
    limiter.reset()  # a minute later
    assert bench.deliver(letters[0], flooded) == 200
    assert [row.outcome for row in bench.notifications()] == ["looked", "looked"]


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_21_one_signed_by_somebody_else_is_refused(bench: Bench, method: str) -> None:
    payment = bench.start(bench.place(method))
    bench.listen(payment)
    bench.town.approve(payment, "forged")
    assert bench.deliver(bench.letter(payment), payment) == 400
    assert bench.notifications() == []
