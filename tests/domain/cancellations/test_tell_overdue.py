"""A registry that does not confirm: after an hour everybody who should know does."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.domain.cancellations.queries import OVERDUE_AFTER, overdue_cancellations
from app.domain.cancellations.record_receipt import record_receipt
from app.domain.cancellations.tell_overdue import tell_overdue
from app.domain.orders.flag_order import flag_order
from tests.domain.cancellations.receipts import completed, open_cancellations_of
from tests.domain.payments.attempts import SOON
from tests.traces import mails

SECOND = timedelta(seconds=1)


def test_after_an_hour_the_buyer_is_told_once(session: Session):
    first, _ = open_cancellations_of(session, 25, 5)
    assert tell_overdue(session, SOON + OVERDUE_AFTER - SECOND) == 0
    assert overdue_cancellations(session, SOON + OVERDUE_AFTER - SECOND) == (0, None)
    assert tell_overdue(session, SOON + OVERDUE_AFTER) == 1, "one order, however many lines"
    assert overdue_cancellations(session, SOON + OVERDUE_AFTER) == (1, SOON)
    session.flush()
    assert tell_overdue(session, SOON + 2 * OVERDUE_AFTER) == 0
    (mail,) = mails(session, "cancellation_waits")
    assert (mail.to, mail.order_id) == (first.line.order.email, first.line.order_id)


def test_one_line_that_waits_is_enough(session: Session):
    first, _ = open_cancellations_of(session, 25, 5)
    record_receipt(session, first.id, completed(first), SOON)
    session.flush()
    assert overdue_cancellations(session, SOON + OVERDUE_AFTER) == (1, SOON)


def test_whoever_has_everything_or_is_looked_after_by_a_person_is_not_told(session: Session):
    (done,) = open_cancellations_of(session, 25)
    record_receipt(session, done.id, completed(done), SOON)
    (flagged,) = open_cancellations_of(session, 25)
    flag_order(session, flagged.line.order, "receipt_mismatch", SOON)
    (erased,) = open_cancellations_of(session, 25)
    erased.line.order.email = ""
    session.flush()
    assert tell_overdue(session, SOON + OVERDUE_AFTER) == 0
    assert overdue_cancellations(session, SOON + OVERDUE_AFTER) == (1, SOON), "the erased one still waits"
