"""What no job looks after any more is found, each thing once, and everything else is left alone."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.domain.cancellations.queries import cancellations_of
from app.domain.offers.ask_offer_change import ask_offer_change
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.terms_models import ChangeKind
from app.domain.orders.models import Order, OrderState
from app.domain.threads.queries import complaint_of
from app.shells.apply_offer_change import apply_offer_change
from app.shells.sweep import sweep
from tests.domain.people.samples import make_buyer
from tests.factories import make_offer
from tests.journey import Journey
from tests.traces import forget_jobs

MINUTE = timedelta(minutes=1)
TASKS = (
    "look_at_payment",
    "request_cancellation",
    "expire_order",
    "issue_certificate",
    "refund",
    "send_mail",
)


def lose_the_jobs(journey: Journey) -> None:
    with journey.sessions.begin() as session:
        forget_jobs(session)


def wait_and_sweep(journey: Journey, pause: timedelta) -> dict[str, list[UUID]]:
    """The ids that were swept up after this time, by task."""
    journey.passed += pause
    sweep(journey.works)
    return {
        task: [UUID(subject) for job in jobs for subject in job.values()]
        for task in TASKS
        if (jobs := journey.jobs(task))
    }


def test_a_payment_that_nobody_looked_at(journey: Journey):
    order = journey.place(20)
    payment = journey.start(order)
    lose_the_jobs(journey)
    assert wait_and_sweep(journey, MINUTE) == {}
    assert wait_and_sweep(journey, 1.1 * MINUTE) == {"look_at_payment": [payment.id]}


def test_a_scheduled_change_of_an_offer_that_nobody_made(journey: Journey):
    with journey.sessions.begin() as session:
        offer, person = make_offer(session), make_buyer(session)
        due_at = journey.now + MINUTE
        change = ask_offer_change(
            session, offer.provider_id, offer.id, ChangeKind.PAUSE, None, due_at, person.id, journey.now
        )
        offer_id, change_id = offer.id, change.id
    lose_the_jobs(journey)
    for minutes, found in ((5, []), (2, [{"change_id": str(change_id)}])):
        wait_and_sweep(journey, minutes * MINUTE)
        assert journey.jobs("apply_offer_change") == found
    apply_offer_change(journey.works, change_id)
    with journey.sessions() as session:
        assert session.get_one(Offer, offer_id).state == OfferState.PAUSED


def test_a_cancellation_that_nobody_asks_about(journey: Journey):
    order = journey.place(20)
    journey.pay(order)
    lose_the_jobs(journey)
    with journey.sessions() as session:
        (cancellation,) = cancellations_of(session, order.id)
    assert "request_cancellation" not in wait_and_sweep(journey, 19 * MINUTE)
    assert wait_and_sweep(journey, 2 * MINUTE)["request_cancellation"] == [cancellation.id]


def test_an_order_whose_hold_is_long_over(journey: Journey):
    order = journey.place(20)
    lose_the_jobs(journey)
    assert "expire_order" not in wait_and_sweep(journey, 79 * MINUTE)
    assert wait_and_sweep(journey, 2 * MINUTE)["expire_order"] == [order.id]


def test_a_completed_order_without_a_certificate(journey: Journey):
    order, finished = journey.place(20), journey.place(20)
    journey.complete(finished)
    journey.pay(order)
    journey.cancel(order)
    lose_the_jobs(journey)
    assert "issue_certificate" not in wait_and_sweep(journey, 19 * MINUTE)
    assert wait_and_sweep(journey, 2 * MINUTE)["issue_certificate"] == [order.id]


def test_a_refund_that_nobody_makes(journey: Journey):
    order = journey.place(20)
    journey.pay(order)
    journey.registry.change_block(journey.mandate_of(order), status="frozen")
    journey.cancel(order)
    assert journey.fresh(order).state == OrderState.REFUND_DUE
    lose_the_jobs(journey)
    (back,) = journey.refunds(order)
    assert "refund" not in wait_and_sweep(journey, 19 * MINUTE)
    assert wait_and_sweep(journey, 2 * MINUTE)["refund"] == [back.id]


def test_a_mail_that_was_never_sent(journey: Journey):
    order = journey.place(20)
    (mail,) = journey.mails("order_placed")
    journey.age(order.id, state=OrderState.EXPIRED)
    lose_the_jobs(journey)
    assert wait_and_sweep(journey, 29 * MINUTE) == {}
    assert wait_and_sweep(journey, 2 * MINUTE) == {"send_mail": [mail.id]}
    lose_the_jobs(journey)
    assert wait_and_sweep(journey, timedelta(days=3)) == {}, "nobody waits for it any more"


def test_a_registry_that_is_silent_for_an_hour_is_an_alarm(journey: Journey):
    journey.pay(journey.place(20))
    with capture_logs() as quiet:
        wait_and_sweep(journey, 59 * MINUTE)
    with capture_logs() as loud:
        wait_and_sweep(journey, 2 * MINUTE)
    alarm = "cancellations wait for the registry"
    assert [each for each in quiet if each["log_level"] == "error"] == []
    assert [(each["event"], each["orders"]) for each in loud if each["log_level"] == "error"] == [(alarm, 1)]
    assert len(journey.mails("cancellation_waits")) == 1


@pytest.fixture
def everything(journey: Journey) -> Journey:
    """One thing of each kind that has been forgotten."""
    journey.start(journey.place(20))
    journey.pay(journey.place(20))
    completed, refused = journey.place(20), journey.place(20)
    for order in (completed, refused):
        journey.pay(order)
    journey.registry.change_block(journey.mandate_of(refused), status="frozen")
    for order in (completed, refused):
        journey.cancel(order)
    lose_the_jobs(journey)
    journey.passed += 81 * MINUTE
    return journey


def test_nothing_is_found_twice_while_its_job_waits_or_runs(everything: Journey):
    found = wait_and_sweep(everything, timedelta(0))
    assert set(found) == set(TASKS)
    assert wait_and_sweep(everything, MINUTE) == found
    with everything.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '15 minutes'"))
    assert wait_and_sweep(everything, MINUTE) == found, "they are tried again later"
    with everything.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
    assert wait_and_sweep(everything, MINUTE) == {}


@pytest.mark.parametrize("status", ["failed", "succeeded"])
def test_what_a_job_has_left_undone_is_found_again(everything: Journey, status: str):
    sweep(everything.works)  # whose alarm about a silent registry is a mail of its own, told once
    lose_the_jobs(everything)
    found = wait_and_sweep(everything, timedelta(0))
    with everything.sessions.begin() as session:
        session.execute(text(f"UPDATE procrastinate_jobs SET status = '{status}'"))
    assert wait_and_sweep(everything, timedelta(0)) == found


def test_what_is_finished_is_left_alone(journey: Journey):
    done = journey.place(20)
    journey.complete(done)
    expired: Order = journey.place(20)
    journey.expire(expired)
    lose_the_jobs(journey)
    with journey.sessions.begin() as session:
        session.execute(text("UPDATE mail SET state = 'sent'"))
    assert wait_and_sweep(journey, timedelta(days=1)) == {}


def test_a_late_certificate_becomes_a_complaint_goes_to_administrators_and_ends_with_it(journey: Journey):
    order = journey.place(20)
    journey.pay(order)
    journey.passed += timedelta(hours=72)
    for _ in range(2):
        sweep(journey.works)
    assert len(journey.mails("certificate_late")) == 1
    journey.passed += timedelta(hours=72)
    for _ in range(2):
        sweep(journey.works)
    assert len(journey.mails("complaint_escalated")) == 1
    journey.cancel(order)
    journey.certify(order)
    with journey.sessions() as session:
        complaint = complaint_of(session, order.id)
    assert complaint is not None
    assert complaint.state == "closed"
