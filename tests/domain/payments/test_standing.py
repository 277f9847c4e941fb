"""How an order stands beside its state: from the ledger and the attempts alone."""

import pytest
from sqlalchemy.orm import Session

from app.domain.orders.models import OrderState
from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.standing import Mark, Standing, standing, standings
from app.money import Money
from tests.bank import make_bank_provider, make_transfer
from tests.domain.payments.attempts import enter, make_payment
from tests.factories import NOW, make_order


# An order of 280.00.
@pytest.mark.parametrize(
    ("state", "moved", "marks"),
    [
        ("awaiting_payment", {}, ()),
        ("awaiting_payment", {"receipt": 100_00}, (Mark.PART_PAID,)),
        ("completed", {"receipt": 280_00}, ()),
        ("completed", {"receipt": 300_00}, (Mark.OVERPAID,)),
        ("completed", {"receipt": 300_00, "refund": 20_00}, ()),
        ("completed", {"receipt": 280_00, "refund": 80_00}, (Mark.REFUNDED_IN_PART,)),
        ("completed", {"receipt": 280_00, "refund": 80_00, "refund_failed": 80_00}, ()),
        ("completed", {"receipt": 280_00, "chargeback": 280_00}, (Mark.DISPUTED,)),
        ("completed", {"receipt": 280_00, "chargeback": 280_00, "chargeback_won": 280_00}, ()),
        ("completed", {"receipt": 560_00, "chargeback": 280_00}, (Mark.OVERPAID, Mark.DISPUTED)),
        ("refunded", {"receipt": 280_00, "refund": 280_00}, ()),
        ("refund_due", {"receipt": 100_00}, ()),
    ],
)
def test_the_ledger_says_it(session: Session, state: str, moved: dict[str, int], marks: tuple[Mark, ...]):
    payment = make_payment(session, state=PaymentState.CAPTURED)
    payment.order.state = OrderState(state)
    enter(session, payment, **moved)
    assert standing(session, payment.order) == Standing("captured", marks)


def test_what_a_gateway_keeps_back_is_on_hold_also_where_another_way_was_taken(session: Session):
    payment = make_payment(session, state=PaymentState.PENDING)
    assert standing(session, payment.order) == Standing("pending", (Mark.ON_HOLD,))
    payment.superseded_at = NOW
    make_payment(session, payment.order)
    assert standing(session, payment.order) == Standing("started", (Mark.ON_HOLD,))


def test_what_banks_on_the_way_may_keep_is_not_missing(session: Session):
    transfer = make_transfer(session, make_bank_provider(session, tolerance_minor=500))
    [payment] = session.query(Payment).filter_by(order_id=transfer.order_id)
    enter(session, payment, receipt=transfer.order.total_minor - 500)
    assert standing(session, transfer.order).marks == ()


def test_a_list_is_read_at_once_and_each_is_its_own(session: Session):
    first, second, third = make_payment(session), make_payment(session), make_order(session)
    enter(session, first, receipt=1)
    found = standings(session, [first.order, second.order, third])
    assert found == {
        first.order_id: Standing("started", (Mark.PART_PAID,)),
        second.order_id: Standing("started"),
        third.id: Standing(),
    }
    assert Money(1, "USD") == first.entries[0].amount
