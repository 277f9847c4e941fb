"""What can heal is tried again until it has; what nobody foresaw a few times; and how long it waits meanwhile."""

from datetime import timedelta

import pytest
from procrastinate.jobs import Job
from procrastinate.utils import utcnow
from sqlalchemy.exc import IntegrityError, OperationalError

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.jobs.retry import UntilHealed
from app.shells.request_cancellation import StillOpen

LONGEST = 900.0
DATABASE_GONE = OperationalError("SELECT 1", {}, Exception("gone"))


def pause(exception: BaseException, attempts: int) -> float | None:
    """Seconds until the next try; None if there is none."""
    job = Job(
        id=1,
        queue="default",
        lock=None,
        queueing_lock=None,
        task_name="send_mail",
        task_kwargs={"mail_id": "1"},
        attempts=attempts,
    )
    before = utcnow()
    decision = UntilHealed().get_retry_decision(exception=exception, job=job)
    if decision is None:
        return None
    assert decision.retry_at is not None
    return round((decision.retry_at - before) / timedelta(seconds=1), 1)


@pytest.mark.parametrize(
    "error",
    [TryAgain("away"), OutcomeUnknown("timeout"), StillOpen("accepted"), DATABASE_GONE],
    ids=lambda error: type(error).__name__,
)
def test_what_can_heal_is_tried_for_ever_in_doubling_pauses(error: Exception):
    assert [pause(error, attempts) for attempts in range(6)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
    assert [pause(error, attempts) for attempts in (10, 11, 12, 1000, 10**6)] == [512.0] + 4 * [LONGEST]


@pytest.mark.parametrize(
    ("asked", "waits"), [(0, 0.5), (-5, 0.5), (0.1, 0.5), (7, 7.0), (899.5, 899.5), (3600, LONGEST)]
)
def test_a_neighbour_says_how_long_to_wait_within_reason(asked: float, waits: float):
    for attempts in (0, 9):
        assert pause(TryAgain("rate_limited", retry_after=asked), attempts) == waits


def test_a_refusal_is_about_us_and_waits_until_somebody_has_mended_it():
    assert [pause(Refused("forbidden"), attempts) for attempts in (0, 3, 100)] == 3 * [LONGEST]


@pytest.mark.parametrize(
    "error",
    [KeyError("surprise"), IntegrityError("INSERT", {}, Exception("twice")), AssertionError()],
    ids=lambda error: type(error).__name__,
)
def test_a_surprise_is_tried_three_times_more_and_then_left_for_a_person(error: Exception):
    assert [pause(error, attempts) for attempts in range(5)] == [30.0, 30.0, 30.0, None, None]
