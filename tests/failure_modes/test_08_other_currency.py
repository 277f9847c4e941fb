"""Money in another currency than the order's: a person decides, and nobody converts anything."""

import pytest

from app.domain.orders.models import OrderState
from app.domain.payments.bank.models import BankLine, LineState
from app.domain.payments.models import PaymentState
from app.domain.payments.statements.book import NotThisAccount, assign_line
from app.money import Money
from tests.failure_modes.bench import Bench


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_failure_mode_08_a_line_in_another_currency_waits_for_a_person(bench: Bench, currency: str) -> None:
    order = bench.place("bank", bench.offer("bank", "EUR"))
    minor = {"JPY": order.total_minor // 100, "KWD": order.total_minor * 10}.get(currency, order.total_minor)
    movement = bench.movement(order, currency=currency, minor=minor)
    assert dict(bench.bring(order, movement)) == {"other_currency": 1}
    bench.run()
    assert (bench.order(order).state, bench.money(order)) == (OrderState.AWAITING_PAYMENT, [])
    with bench.works.sessions.begin() as session:
        line = session.query(BankLine).one()
        assert (line.state, line.amount) == (LineState.OPEN, Money(minor, currency))
        with pytest.raises(NotThisAccount):  # not even by hand
            assign_line(session, line.id, order.number, None, bench.clock)
    assert dict(bench.bring(order, movement, bench.movement(order, bank_reference="2"))) == {
        "already": 1,
        "exact": 1,
    }
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED, "the right money still pays it"


@pytest.mark.parametrize(("method", "currency"), [("paypal", "CHF"), ("stripe", "JPY")])
def test_failure_mode_08_a_checkout_in_another_currency_is_not_captured(
    bench: Bench, method: str, currency: str
) -> None:
    order = bench.place(method)
    payment = bench.start_another(order, amount=Money(order.total_minor, currency))
    bench.town.approve(payment, "no_webhook")
    bench.settle(payment)
    flagged = bench.order(order)
    assert (flagged.state, flagged.state_reason) == (OrderState.NEEDS_ATTENTION, "payment_mismatch")
    assert (bench.payment(payment).state, bench.payment(payment).reason) == (PaymentState.FAILED, "mismatch")
    assert (bench.money(order), bench.town.captures(payment.id)) == ([], [])
    assert "needs_attention" in bench.mails(order)


@pytest.mark.parametrize("method", ["paypal", "stripe", "bank"])
def test_failure_mode_08_yen_have_no_decimals_anywhere(bench: Bench, method: str) -> None:
    order = bench.place(method, bench.offer(method, "JPY"))
    payment = bench.start(order)
    if method == "bank":
        bench.bring(order, bench.movement(order))
    else:
        bench.town.approve(payment, "no_webhook")
        bench.hear(payment)
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
    assert bench.money(order) == [("receipt", order.total_minor)]
    taken = [each["amount"] for each in bench.town.captures(payment.id)]
    expected = {
        "paypal": [{"currency_code": "JPY", "value": str(order.total_minor)}],
        "stripe": [order.total_minor],
        "bank": [],
    }
    assert taken == expected[method]
