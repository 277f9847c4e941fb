"""Which payments the gateway is asked about again, what was paid, and what is to be given back."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.domain.payments.models import Payment, PaymentState
from app.domain.payments.queries import net_paid, payments_to_ask_about
from app.domain.payments.record_snapshot import record_snapshot
from app.integrations.gateways.interface import PayState
from app.money import Money
from tests.domain.payments.attempts import SOON, make_payment, receipt, refund, snapshot
from tests.factories import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)


def asked(
    session: Session, age: timedelta, silence: timedelta, held: timedelta = 30 * MINUTE, **fields
) -> bool:
    """Is a payment of this age asked about, of which the gateway last spoke so long ago? `held`: since its making."""
    payment = make_payment(session, created_at=NOW - age, looked_at=NOW - silence, **fields)
    payment.order.hold_until = NOW - age + held
    session.flush()
    return payment.id in payments_to_ask_about(session, NOW)


@pytest.mark.parametrize("mark", [2 * MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR], ids=str)
def test_at_first_it_is_asked_about_at_fixed_ages(session: Session, mark: timedelta):
    assert not asked(session, mark - SECOND, SECOND), "before its time"
    assert asked(session, mark, SECOND), "however shortly before it somebody looked"
    assert not asked(session, mark + SECOND, SECOND), "once"


def test_asked_late_it_is_asked_once_for_every_age_it_has_passed(session: Session):
    assert asked(session, 20 * MINUTE, 18 * MINUTE)
    assert not asked(session, 20 * MINUTE, 4 * MINUTE)


END = 30 * MINUTE + 3 * DAY  # three days beyond the end of the hold


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (2 * HOUR, HOUR),
        (END - SECOND, HOUR),
        (END, DAY),
        (14 * DAY - SECOND, DAY),
    ],
    ids=str,
)
def test_the_older_the_attempt_the_longer_the_silence(session: Session, age: timedelta, wait: timedelta):
    assert asked(session, age, wait)
    assert not asked(session, age, wait - SECOND)


def test_after_two_weeks_nobody_asks_unless_the_units_are_still_held(session: Session):
    assert not asked(session, 14 * DAY, 14 * DAY)
    assert asked(session, 20 * DAY, HOUR, held=18 * DAY)


def test_one_that_was_never_looked_at_is_silent_since_it_was_made(session: Session):
    payment = make_payment(session, created_at=NOW - 2 * MINUTE)
    assert payments_to_ask_about(session, NOW) == [payment.id]
    assert payments_to_ask_about(session, NOW - SECOND) == []


@pytest.mark.parametrize("state", PaymentState)
def test_only_what_is_captured_is_known_for_good(session: Session, state: PaymentState):
    assert asked(session, 2 * HOUR, HOUR, state=state) is (state != PaymentState.CAPTURED)


def test_there_is_nothing_to_see_where_no_checkout_was_opened(session: Session):
    assert not asked(session, 2 * HOUR, HOUR, external_id=None)


def captured(session: Session, *entries) -> Payment:
    payment = make_payment(session)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED, *entries), SOON)
    session.flush()
    return payment


def test_what_was_paid_is_receipts_less_refunds_and_chargebacks(session: Session):
    payment = make_payment(session)
    captured(session)
    assert net_paid(session, payment.order) == 0
    record_snapshot(
        session,
        payment.id,
        snapshot(
            payment,
            PayState.CAPTURED,
            receipt(payment),
            refund(payment, amount=Money(300, "USD")),
            refund(payment, 2, kind="chargeback", amount=Money(50, "USD")),
            refund(payment, 3, amount=Money(7, "EUR")),
        ),
        SOON,
    )
    assert net_paid(session, payment.order) == 28000 - 350, "another currency is never added"
