"""A notification is kept once and asks for a look; what it says about money is believed by nobody."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.payments.keep_notification import keep_payment_notification, keep_registry_event
from app.domain.payments.models import Notification, Payment, PaymentState
from app.domain.payments.queries import given_up_notifications
from app.domain.payments.retry_unmatched import RETRY_FOR, retry_unmatched
from app.domain.payments.shred_notifications import KEEP_RAW, shred_notifications
from app.integrations.gateways.interface import Hint
from tests.domain.payments.attempts import SOON, make_payment
from tests.traces import jobs

RAW = b'{"id": "EVENT-1", "status": "COMPLETED"}'


def hint(payment: Payment | None = None, **fields) -> Hint:
    mentioned = {
        "external_ids": (payment.external_id,) if payment else (),
        "references": (str(payment.id),) if payment else (),
    }
    return Hint(**{"event_id": "EVENT-1", "event_type": "PAYMENT.CAPTURE.COMPLETED", **mentioned, **fields})


def keep(session: Session, payment: Payment, said: Hint) -> bool:
    return keep_payment_notification(session, payment.account_id, "paypal", said, RAW, SOON)


def outcomes(session: Session) -> list[str | None]:
    return list(session.execute(select(Notification.outcome)).scalars())


def test_a_notification_is_kept_as_it_came_and_its_payment_is_looked_at(session: Session):
    payment = make_payment(session)
    assert keep(session, payment, hint(payment)) is True
    kept = session.execute(select(Notification)).scalar_one()
    assert (kept.source, kept.account_id, kept.event_id) == ("paypal", payment.account_id, "EVENT-1")
    assert (kept.event_type, kept.raw, kept.received_at) == ("PAYMENT.CAPTURE.COMPLETED", RAW, SOON)
    assert kept.subjects == [str(payment.id), payment.external_id]
    assert kept.outcome == "looked"
    assert jobs(session, "look_at_payment") == [{"payment_id": str(payment.id)}]
    assert payment.state == PaymentState.STARTED, "it only hints"


def test_either_mention_is_enough_and_one_look_is_enough_for_both(session: Session):
    payment = make_payment(session)
    keep(session, payment, hint(payment, event_id="A", references=("no reference of ours", "")))
    keep(session, payment, hint(payment, event_id="B", external_ids=()))
    assert jobs(session, "look_at_payment") == 2 * [{"payment_id": str(payment.id)}]


def test_the_same_notification_again_changes_nothing(session: Session):
    payment = make_payment(session)
    assert keep(session, payment, hint(payment)) is True
    assert keep(session, payment, hint(payment)) is False
    assert outcomes(session) == ["looked"]
    assert len(jobs(session, "look_at_payment")) == 1


def test_two_accounts_may_have_events_of_the_same_number(session: Session):
    for payment in (make_payment(session), make_payment(session)):
        assert keep(session, payment, hint(payment)) is True
    assert outcomes(session) == ["looked", "looked"]


def test_one_that_mentions_nothing_of_ours_is_kept_unmatched(session: Session):
    payment = make_payment(session)
    assert keep(session, payment, hint(references=("no uuid",), external_ids=("UNKNOWN",))) is True
    assert keep(session, payment, hint(event_id="EVENT-2")) is True
    assert outcomes(session) == ["unmatched", "unmatched"]
    assert jobs(session, "look_at_payment") == []


def test_an_account_speaks_only_about_its_own_payments(session: Session):
    payment, other = make_payment(session), make_payment(session)
    keep_payment_notification(session, other.account_id, "paypal", hint(payment), RAW, SOON)
    assert outcomes(session) == ["unmatched"]
    assert jobs(session, "look_at_payment") == []


def test_an_event_of_the_registry_is_kept_once_and_its_resource_read(session: Session):
    event = ("EVENT-1", "cancellation.completed", "cancellation-7", RAW, SOON)
    assert keep_registry_event(session, *event) is True
    assert keep_registry_event(session, *event) is False
    kept = session.execute(select(Notification)).scalar_one()
    assert (kept.source, kept.account_id, kept.subjects) == ("registry", None, ["cancellation-7"])
    assert jobs(session, "read_resource") == [{"kind": "cancellation", "resource_id": "cancellation-7"}]


def test_a_gateways_event_and_the_registrys_do_not_meet(session: Session):
    payment = make_payment(session)
    assert keep(session, payment, hint(payment)) is True
    assert keep_registry_event(session, "EVENT-1", "mandate.changed", "mandate-1", RAW, SOON) is True


def test_one_that_was_quicker_than_our_own_row_is_found_a_moment_later(session: Session):
    payment, other = make_payment(session), make_payment(session)
    keep(session, payment, hint(references=(), external_ids=("LATER",)))
    assert retry_unmatched(session, SOON) == []
    other.external_id = "LATER"  # of somebody else's account: it is not about that one
    assert retry_unmatched(session, SOON) == []
    other.external_id, payment.external_id = None, "LATER"
    session.flush()
    assert retry_unmatched(session, SOON + RETRY_FOR) == [payment.id]
    assert outcomes(session) == ["looked"]
    assert retry_unmatched(session, SOON + RETRY_FOR) == []
    assert jobs(session, "look_at_payment") == [{"payment_id": str(payment.id)}]


def test_several_about_one_payment_cause_one_look(session: Session):
    payment = make_payment(session, external_id=None)
    for event in ("A", "B"):
        keep(session, payment, hint(event_id=event, external_ids=("LATER",)))
    payment.external_id = "LATER"
    session.flush()
    assert retry_unmatched(session, SOON) == [payment.id]
    assert outcomes(session) == ["looked", "looked"]
    assert len(jobs(session, "look_at_payment")) == 1


def test_one_that_nobody_knows_after_a_day_is_for_people(session: Session):
    payment = make_payment(session)
    keep(session, payment, hint(external_ids=("UNKNOWN",)))
    keep(session, payment, hint(payment, event_id="KNOWN"))
    retry_unmatched(session, SOON + RETRY_FOR)
    assert given_up_notifications(session) == []
    retry_unmatched(session, SOON + RETRY_FOR + timedelta(seconds=1))
    ((row, provider),) = given_up_notifications(session)
    assert (row.subjects, row.outcome, provider.id) == (["UNKNOWN"], "given_up", payment.order.provider_id)
    payment.external_id = "UNKNOWN"
    session.flush()
    assert retry_unmatched(session, SOON + 2 * RETRY_FOR) == [], "from now on it is people's business"


def test_raw_messages_are_shredded_after_thirteen_months_and_the_rest_stays(session: Session):
    payment = make_payment(session)
    keep(session, payment, hint(payment))
    keep_registry_event(session, "EVENT-9", "mandate.changed", "mandate-1", RAW, SOON + timedelta(days=1))
    assert shred_notifications(session, SOON + KEEP_RAW) == 0
    assert shred_notifications(session, SOON + KEEP_RAW + timedelta(seconds=1)) == 1
    assert shred_notifications(session, SOON + KEEP_RAW + timedelta(seconds=1)) == 0
    session.expire_all()
    rows = session.scalars(select(Notification).order_by(Notification.received_at)).all()
    assert [row.raw for row in rows] == [b"", RAW]
    assert (rows[0].event_id, rows[0].subjects) == ("EVENT-1", [str(payment.id), payment.external_id])
    assert keep(session, payment, hint(payment)) is False, "that it was here is still known"


def test_thirteen_months_are_never_shorter_than_the_calendars():
    assert timedelta(days=366 + 31) <= KEEP_RAW
